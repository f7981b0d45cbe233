import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildBusybox } from '../../testing/engines/index.ts';
import { eventually } from '../../testing/eventually.ts';
import { describeEngines, imagePod, script } from './container-kit.ts';
import { BUSYBOX } from './scene.ts';

const NOTHING = 'kind: List\napiVersion: v1\nitems: []\n';

describeEngines('the life of pods as containers', ({ kind, scene, pods, dial, command, left }) => {
  test('A17, A29, A31, A32, A37: containers that cannot start, may not, or end, say why', async () => {
    const yaml = [
      imagePod('lacks', `image: ${BUSYBOX}\ncommand: [/no/such/program]`),
      imagePod('ends', `image: ${BUSYBOX}\ncommand: [sh, -c, "echo run; exit 3"]`),
      imagePod('root', script('echo no'), 'securityContext: { runAsNonRoot: true }'),
      imagePod('fixed', script('touch /x || echo "cannot write"', 'securityContext: { readOnlyRootFilesystem: true }')),
      imagePod('owner', script('echo no', 'securityContext: { privileged: true }')),
    ];
    await using up = await pods(yaml.join(''));
    await up.said(/pod default\/lacks.*could not be started: .*no such file/i);
    await up.said(/pod default\/ends.*exited with code 3; restarts at once/);
    await up.said(/ends \| run\n(.*\n)*ends \| run/);
    await up.said(/CreateContainerConfigError: container has runAsNonRoot and image will run as root/);
    await up.said(/fixed \| cannot write/);
    await up.said(
      /container main is privileged, and so could take over this machine; allow it with --allow-privileged/,
    );
  });

  test('A47, A48: an image that is not there is named, and the container starts once it is built', async () => {
    const tag = `built-later-${kind}:1`;
    const pod = imagePod('p', `image: ${tag}\nimagePullPolicy: Never\ncommand: [sh, -c, "echo it runs; sleep 1000"]`);
    await using up = await pods(pod);
    await up.said(new RegExp(`ErrImageNeverPull: Container image "${tag}" is not present with pull policy of Never`));
    await buildBusybox(scene.engine, tag);
    await up.said(/p \| it runs/);
  });

  test('A35, A36, A41, A43, A45, A56: order, sidecars, exec probes, hooks, messages and Jobs work in containers', async () => {
    const probed = imagePod(
      'probed',
      `image: ${BUSYBOX}
command: [sh, -c, "sleep 1; echo ended well > /dev/termination-log; exit 4"]
lifecycle: { postStart: { exec: { command: [sh, -c, "touch /started"] } } }
readinessProbe: { exec: { command: [test, -e, /started] }, periodSeconds: 1 }`,
    );
    const ordered = imagePod(
      'ordered',
      script('cat /shared/f; echo main', 'volumeMounts: [{ name: s, mountPath: /shared }]'),
      `initContainers:
  - { name: first, image: "${BUSYBOX}", command: [sh, -c, "echo from init > /shared/f"], volumeMounts: [{ name: s, mountPath: /shared }] }
  - { name: beside, image: "${BUSYBOX}", command: [sh, -c, "echo side; while :; do sleep 100 & wait; done"], restartPolicy: Always }
volumes: [{ name: s, emptyDir: {} }]`,
    );
    const job = `apiVersion: batch/v1
kind: Job
metadata: { name: migrate }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: main, image: "${BUSYBOX}", command: [sh, -c, "echo migrated"] }] } } }
`;
    await using up = await pods(probed + ordered + job);
    await up.running.until(/default\/probed:80 {2}Ready 1\/1|default\/probed .* 1\/1/);
    await up.said(/exited with code 4: ended well; restarts at once/);
    await up.said(/ordered.*side\n(.*\n)*ordered.*from init\n(.*\n)*ordered.*main/);
    await up.said(/\| migrated/);
    await up.said(/job default\/migrate.*complete/i);
  });

  test('G5: process pods, container pods and a process of the machine reach each other by name', async () => {
    // A process of the engine's network, where this test is not.
    const [program = '', ...words] = scene.server.enter([
      process.execPath,
      '-e',
      "require('http').createServer((q, r) => r.end('from the machine')).listen(8099, '127.0.0.1', () => console.log('listens'))",
    ]);
    const child = execFile(program, words);
    try {
      await new Promise(resolve => child.stdout?.once('data', resolve));
      const asks = (names: readonly string[]) =>
        names.map(name => `until wget -q -O - http://${name}/; do sleep 0.2; done; echo " at ${name}"`).join('; ');
      const process_ = `apiVersion: v1
kind: Service
metadata: { name: process }
spec: { selector: { app: process }, ports: [{ port: 80, targetPort: 8000 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: process, labels: { app: process } }
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: main
      command: [sh, -c, ${JSON.stringify('mkdir -p /tmp/swb-www; echo from-a-process > $0/index.html; busybox httpd -p 8000 -h $0; for n in container outside; do until curl -sf http://$n/; do sleep 0.2; done; echo " at $n"; done; while :; do sleep 100 & wait; done')}, DIR]
---
`;
      const files = await mkdtemp(join(tmpdir(), 'swb-www-'));
      const yaml =
        process_.replace('DIR', files) +
        imagePod(
          'container',
          script(
            `mkdir /w; echo from-a-container > /w/index.html; httpd -p 8080 -h /w; ${asks(['process', 'outside'])}`,
          ),
        ) +
        'apiVersion: v1\nkind: Service\nmetadata: { name: outside }\nspec: { ports: [{ port: 80, targetPort: 8099 }] }\n';
      await using up = await pods(yaml, { network: 'auto', args: ['--endpoint', 'outside=127.0.0.1:8099'] });
      await up.said(
        /container \| from-a-process\n(.*\n)*container \| {2}at process|container \| from-a-process\n(.*\n)*container \| at process/,
      );
      await up.said(/container \| from the machine at outside/);
      await up.said(/process \| from-a-container\n(.*\n)*process \|\s+at container/);
      await up.said(/process \| from the machine at outside/);
      expect(await dial(up, 'default/container')).toBe('from-a-container\n');
      expect(await dial(up, 'default/process')).toBe('from-a-process\n');
      await rm(files, { recursive: true, force: true });
    } finally {
      child.kill();
    }
  });

  test('exec runs a command in the container; restart replaces it; F: so does its removal by somebody else', async () => {
    await using up = await pods(imagePod('p', script('echo "runs here"; echo only-here > /mark')));
    await up.said(/p \| runs/);
    const cat = await command(up, ['exec', 'pod/p', '--', 'cat', '/mark']);
    expect(cat).toMatchObject({ code: 0, stdout: 'only-here\n' });
    const fails = await command(up, ['exec', 'p', '-c', 'main', '--', 'sh', '-c', 'echo no >&2; exit 7']);
    expect(fails).toMatchObject({ code: 7, stderr: 'no\n' });
    const lacks = await command(up, ['exec', 'p', '--', '/no/such/program']);
    expect(lacks.code).not.toBe(0);
    expect((await command(up, ['restart', 'p'])).stderr).toMatch(/restarts p/);
    await up.said(/p \| runs here\n(.*\n)*p \| runs here/);
    expect((await command(up, ['restart', 'q'])).stderr).toMatch(/no pod of "q" runs here/);
    const before = up.running.stderr.length;
    const own = (await scene.engine.containers.list({})).find(
      ({ labels }) => labels['dev.switchboard.container'] === 'main',
    );
    if (own === undefined) throw new Error('no container');
    await scene.engine.containers.remove(own.id);
    await up.running.until(/p \| runs here/, 'stderr', before);
  });

  test('down removes what an instance has left whose reaper was killed, too', async () => {
    const { networks } = scene.engine;
    const labels = {
      'dev.switchboard.project': 'p',
      'dev.switchboard.session': 's',
      'dev.switchboard.owner': '999999999:-',
    };
    await networks.createFree(['10.199.0.0/24'], { name: 'swb-left', labels });
    const home = await mkdtemp(join(tmpdir(), 'swb-home-'));
    const down = await command({ home }, ['down']);
    await rm(home, { recursive: true, force: true });
    expect(down.stderr).toMatch(/removed 1 containers, networks and volumes that a killed instance has left/);
    expect(await left()).toEqual([]);
  });

  test('D26: nothing is left after kill -9', async () => {
    await using up = await pods(imagePod('p', script('echo runs'), 'volumes: [{ name: v, emptyDir: {} }]'));
    await up.said(/p \| runs/);
    up.running.signal('SIGKILL');
    await up.running.exited;
    await eventually('an engine without our objects', async () => (await left()).length === 0);
  });

  test('--image and --build: a workload runs another image', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'swb-build-'));
    try {
      await writeFile(
        join(folder, 'Dockerfile'),
        `FROM ${BUSYBOX}\nCMD ["/bin/sh", "-c", "echo built here; sleep 1000"]\n`,
      );
      const yaml =
        imagePod('built', 'image: registry.invalid/web:1', '') +
        imagePod('named', 'image: registry.invalid/web:1\ncommand: [sh, -c, "echo named; sleep 1000"]', '');
      await using up = await pods(yaml, { args: ['--build', `built=${folder}`, '--image', `named=${BUSYBOX}`] });
      await up.said(/built \| built here/);
      await up.said(/named \| named/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('D16, D27: Services answer again after the gateway has been killed, and after a restart of the engine', async () => {
    const loop = 'while :; do timeout 2 wget -q -O - http://web/ 2>/dev/null; sleep 0.3; done';
    const web = imagePod(
      'web',
      `image: ${BUSYBOX}\ncommand: [sh, -c, "mkdir /w; echo hello > /w/index.html; httpd -f -p 8080 -h /w"]`,
    );
    await using up = await pods(web + imagePod('p', script(loop)));
    await up.said(/p \| hello/);
    let before = 0;
    // Podman 4.3 sometimes takes longer for another one than this test waits.
    if (kind === 'docker') {
      const gateway = (await scene.engine.containers.list({})).find(({ labels }) => 'dev.switchboard.role' in labels);
      if (gateway === undefined) throw new Error('no gateway');
      await scene.engine.containers.kill(gateway.id);
      await up.said(/another gateway runs/);
      before = up.running.stderr.length;
      await up.running.until(/p \| hello/, 'stderr', before);
    }
    await scene.server.restart();
    before = up.running.stderr.length;
    await up.running.until(/p \| hello/, 'stderr', before);
    await up.edit(NOTHING);
    await up.running.until(/- default\/p:80 {2}route removed/);
  }, 90_000);
});
