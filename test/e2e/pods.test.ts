import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../testing/eventually.ts';
import { podNetworksMissing } from '../../testing/pod-networks.ts';
import { deployment, folder, HELLO, type Running, up } from '../support/cli.ts';
import { describeNetworks } from '../support/pod-networks.ts';
import { isAlive, marked, markOf, pidOf } from '../support/pod-processes.ts';

async function get(running: Running, path = '/', service = 'default/web'): Promise<string> {
  const response = await fetch(`http://${running.address(service)}${path}`, { headers: { connection: 'close' } });
  return response.text();
}

async function ready(running: Running, count: number): Promise<void> {
  const isReady = () => new RegExp(`Ready ${count}/${count}|\\s${count}/${count}\\s+Ready`).test(running.stdout);
  await eventually(`${count} ready`, () => isReady(), { process: running });
}

/** Requests in a row, each on a connection of its own, until `done`; the failures among them. */
async function underLoad(running: Running, done: Promise<unknown>): Promise<{ total: number; failed: string[] }> {
  let over = false;
  void done.then(() => {
    over = true;
  });
  const failed: string[] = [];
  let total = 0;
  while (!over) {
    total += 1;
    await get(running).catch(error => failed.push(String(error.cause ?? error)));
  }
  return { total, failed };
}

const HTTP_READY = 'readinessProbe: { httpGet: { path: /, port: http }, periodSeconds: 1, failureThreshold: 1 }';

const noNamespaces = podNetworksMissing();

describeNetworks('pods in the network', noNamespaces, network => {
  async function withPods(yaml: string, body: (running: Running, file: string) => Promise<void>): Promise<void> {
    await using dir = await folder({ 'app.yaml': yaml });
    const running = await up(['--run', '--network', network, '-f', dir.path]);
    try {
      await body(running, join(dir.path, 'app.yaml'));
    } finally {
      await running.stop();
    }
  }

  describe('replicas', () => {
    test('are all reachable through the named port', async () => {
      await withPods(deployment('web', HELLO, { replicas: 3, container: HTTP_READY }), async running => {
        await ready(running, 3);
        const seen = new Set<string>();
        for (let i = 0; i < 200 && seen.size < 3; i += 1) seen.add(await get(running));
        expect(seen.size).toBe(3);
      });
    });

    test('lose only the request in progress when one is killed, which then restarts', async () => {
      const script = `${HELLO}; console.log('pid ' + process.pid)`;
      await withPods(deployment('web', script, { replicas: 3, container: HTTP_READY }), async running => {
        await ready(running, 3);
        const from = running.stdout.length;
        const pid = pidOf(running.pid, Number((await running.until(/web-\S+-1 \| pid (\d+)/, 'stderr'))[1]));
        const back = (async () => {
          await get(running);
          process.kill(pid, 'SIGKILL');
          await running.until(/not ready/, 'stdout', from);
          await running.until(/Ready 3\/3/, 'stdout', from);
        })();
        const { total, failed } = await underLoad(running, back);
        // A request that the process had taken dies with it; there is one at a time.
        expect(failed.filter(error => !/ECONNRESET|other side closed/.test(error))).toEqual([]);
        expect(failed.length).toBeLessThanOrEqual(1);
        expect(total).toBeGreaterThan(5);
      });
    });

    test('roll out a new template without a refused request', async () => {
      const yaml = (answer: string) =>
        deployment('web', HELLO.replace('process.env.POD_NAME', `'${answer}'`), { replicas: 2, container: HTTP_READY });
      await withPods(yaml('old'), async (running, file) => {
        await ready(running, 2);
        const rolled = (async () => {
          await writeFile(file, yaml('new'));
          await eventually('two new answers', async () => {
            const answers = await Promise.all([1, 2, 3, 4].map(() => get(running).catch(() => 'refused')));
            return answers.every(answer => answer === 'new');
          });
        })();
        const { failed } = await underLoad(running, rolled);
        expect(failed).toEqual([]);
      });
    });

    test('scale with an edit', async () => {
      const yaml = (replicas: number) => deployment('web', HELLO, { replicas, container: HTTP_READY });
      await withPods(yaml(1), async (running, file) => {
        await ready(running, 1);
        await writeFile(file, yaml(3));
        await running.until(/Ready 3\/3/);
        await writeFile(file, yaml(1));
        await running.until(/Ready 1\/1/, 'stdout', running.stdout.length);
      });
    });
  });

  describe('probes', () => {
    const SWITCHED = `let ok = true; require('http').createServer((q, s) => { if (q.url === '/break') ok = false; if (q.url === '/fix') ok = true; s.statusCode = q.url === '/ready' && !ok ? 503 : 200; s.end(process.env.POD_NAME); }).listen(8080, process.env.POD_IP)`;
    test('readiness removes a pod from its Service and adds it again, and reports why', async () => {
      const probe = 'readinessProbe: { httpGet: { path: /ready, port: http }, periodSeconds: 1, failureThreshold: 1 }';
      await withPods(deployment('web', SWITCHED, { container: probe }), async running => {
        await ready(running, 1);
        const from = running.stdout.length;
        await get(running, '/break');
        await running.until(
          /endpoint not ready, readinessProbe: GET \/ready on port 8080 answered 503/,
          'stdout',
          from,
        );
        await expect(get(running)).rejects.toThrow();
      });
    });

    test('liveness restarts the container', async () => {
      const probe = 'livenessProbe: { httpGet: { path: /ready, port: http }, periodSeconds: 1, failureThreshold: 1 }';
      await withPods(deployment('web', SWITCHED, { container: probe }), async running => {
        await eventually('an answer', () => get(running).catch(() => undefined));
        await get(running, '/break');
        await running.until(/livenessProbe failed.*503/, 'stderr');
        await running.until(/restarts /, 'stderr');
        await eventually('an answer after the restart', () => get(running).catch(() => undefined));
      });
    });

    const others: [kind: string, script: string, container: string][] = [
      ['tcpSocket', HELLO, 'readinessProbe: { tcpSocket: { port: http } }'],
      ['exec', HELLO, 'readinessProbe: { exec: { command: [node, -e, "process.exit(0)"] }, timeoutSeconds: 10 }'],
      [
        'grpc',
        `const h = require('http2').createServer(); h.on('stream', s => { s.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true }); s.on('wantTrailers', () => s.sendTrailers({ 'grpc-status': '0' })); s.end(Buffer.from([0, 0, 0, 0, 2, 8, 1])); }); h.listen(8080, process.env.POD_IP)`,
        'readinessProbe: { grpc: { port: 8080, service: shop } }',
      ],
      [
        'startup before readiness',
        HELLO,
        `startupProbe: { tcpSocket: { port: http }, periodSeconds: 1 }\n${HTTP_READY}`,
      ],
    ];
    test.each(others)('%s', async (_kind, script, container) => {
      await withPods(deployment('web', script, { container }), running => ready(running, 1));
    });

    test('a pod that never becomes ready reports why, and its Service refuses at once', async () => {
      await withPods(deployment('web', 'setInterval(() => {}, 1000)', { container: HTTP_READY }), async running => {
        expect(running.stdout).toMatch(/NoEndpoints/);
        await running.until(/not ready.*connection refused/);
        await expect(get(running)).rejects.toThrow();
      });
    });
  });

  describe('a container', () => {
    test('that crashes repeatedly restarts after growing delays, each reported', async () => {
      await withPods(deployment('web', "console.log('born'); process.exit(3)"), async running => {
        await running.until(/exited with code 3; restarts at once/, 'stderr');
        await running.until(/exited with code 3; restarts in 1 s/, 'stderr');
        await running.until(/exited with code 3; restarts in 2 s/, 'stderr');
        await expect(get(running)).rejects.toThrow();
      });
    });

    test('whose program does not exist reports that', async () => {
      const yaml = deployment('web', '').replace('command: [node,', 'command: [no-such-program,');
      await withPods(yaml, running =>
        running.until(/could not be started.*no-such-program/, 'stderr').then(() => undefined),
      );
    });

    test('gets the environment of its manifest and nothing else', async () => {
      const script = `require('http').createServer((q, s) => s.end(JSON.stringify(process.env))).listen(8080, process.env.POD_IP)`;
      const yaml = `apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { COLOUR: blue, SIZE: large }
---
${deployment('web', script, {
  container: HTTP_READY,
}).replace(
  '          env:',
  () => `          envFrom: [{ configMapRef: { name: settings }, prefix: CFG_ }]
          env:
            - { name: COLOUR, valueFrom: { configMapKeyRef: { name: settings, key: COLOUR } } }
            - { name: LABEL, valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } }
            - { name: JOINED, value: "$(COLOUR)-$(MISSING)-$$(COLOUR)" }`,
)}`;
      await using dir = await folder({ 'app.yaml': yaml });
      const running = await up(['--run', '--network', network, '-f', dir.path], { env: { PORT: '9999' } });
      await ready(running, 1);
      const env: unknown = JSON.parse(await get(running));
      // In a network of its own a pod dials the Service's own address and port, whatever is free on this machine.
      const [host, port] =
        network === 'shared'
          ? running.address('default/web').split(':')
          : [expect.stringMatching(/^10\.96\.\d+\.\d+$/), '80'];
      expect(env).toMatchObject({
        CFG_COLOUR: 'blue',
        CFG_SIZE: 'large',
        COLOUR: 'blue',
        LABEL: 'web',
        JOINED: 'blue-$(MISSING)-$(COLOUR)',
        WEB_SERVICE_HOST: host,
        WEB_SERVICE_PORT: port,
        WEB_SERVICE_PORT_HTTP: port,
      });
      expect(env).not.toHaveProperty('PORT');
      await running.stop();
    });

    test('that ignores SIGTERM is killed after its grace period', async () => {
      const script = `${HELLO.replace(/process\.on.*/, "process.on('SIGTERM', () => console.log('no'))")}; console.log('pid ' + process.pid)`;
      await withPods(deployment('web', script, { container: HTTP_READY }), async (running, file) => {
        const pid = pidOf(running.pid, Number((await running.until(/pid (\d+)/, 'stderr'))[1]));
        await ready(running, 1);
        await writeFile(file, 'kind: List\napiVersion: v1\nitems: []\n');
        await running.until(/\| no/, 'stderr');
        await eventually('its end', () => !isAlive(pid), { process: running });
      });
    });
  });

  test('a StatefulSet starts in order, each pod when the one before it is ready', async () => {
    const yaml = deployment('web', `console.log('start'); setTimeout(() => { ${HELLO} }, 100)`, {
      replicas: 3,
      container: HTTP_READY,
    })
      .replace('kind: Deployment', 'kind: StatefulSet')
      .replace('  replicas:', '  serviceName: web\n  replicas:');
    await withPods(yaml, async running => {
      await ready(running, 3);
      const order = [...running.stderr.matchAll(/(web-\d) \| start/g)].map(match => match[1]);
      expect(order).toEqual(['web-0', 'web-1', 'web-2']);
    });
  });

  test('runs init containers first, one after the other, and a sidecar beside the others', async () => {
    const spec = `initContainers:
        - { name: one, image: none, command: [node, -e, "console.log('one')"] }
        - { name: side, image: none, restartPolicy: Always, command: [node, -e, "console.log('side'); setInterval(() => {}, 1000)"] }
        - { name: two, image: none, command: [node, -e, "console.log('two')"] }`;
    await withPods(
      deployment('web', `console.log('main'); ${HELLO}`, { container: HTTP_READY, spec }),
      async running => {
        await ready(running, 1);
        const said = [...running.stderr.matchAll(/\| (one|two|main)$/gm)].map(match => match[1]);
        expect(said).toEqual(['one', 'two', 'main']);
        await running.until(/\| side/, 'stderr');
      },
    );
  });

  test('leaves no process behind after kill -9, not even one that left its group', async () => {
    const script = `require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' }).unref(); ${HELLO}`;
    await using dir = await folder({ 'app.yaml': deployment('web', script, { replicas: 2, container: HTTP_READY }) });
    const running = await up(['--run', '--network', network, '-f', dir.path]);
    await ready(running, 2);
    const mark = markOf(running.pid);
    expect(marked(mark).length).toBe(4);
    running.signal('SIGKILL');
    await running.exited;
    await eventually('the end of all pods', () => marked(mark).length === 0);
  });
});
