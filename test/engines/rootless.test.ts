import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { tarOf } from '../../src/engine/index.ts';
import { buildBusybox, type EngineKind, engineKinds, ROOTLESS_UID, startPodman } from '../../testing/engines/index.ts';
import { eventually } from '../../testing/eventually.ts';
import { commandsMissing, titled } from '../../testing/requirements.ts';
import { configMap, podScene } from '../support/pod-scene.ts';
import { engineScene, runToEnd, shell, uniqueName } from './scene.ts';

const podman = engineKinds().find(({ name }) => name === 'podman');
const missing = podman?.missing ?? commandsMissing('slirp4netns');
const rootless: EngineKind = {
  name: 'podman',
  missing,
  // Its published ports are those of the machine, whose network it cannot change.
  start: () => startPodman({ network: 'host', rootless: true }),
};

describe.skipIf(missing !== undefined)(titled('Podman of an unprivileged user', missing), () => {
  const scene = engineScene(rootless);

  it('is known as rootless', () => {
    expect(scene.engine.facts).toMatchObject({ name: 'podman', rootless: true });
  });

  it('runs a container to its end', async () => {
    const spec = shell('id -u; echo "$A"; exit 4', { env: { A: 'b' } });
    expect(await runToEnd(scene.engine, spec)).toMatchObject({ code: 4, output: '0\nb\n' });
  });

  it('has networks without a DNS server of its own, whose containers reach each other and share a pause container', async () => {
    const { containers, networks } = scene.engine;
    const network = await networks.createFree(['10.211.0.0/16', '10.212.0.0/16'], { name: uniqueName(), labels: {} });
    const [prefix] = (network.subnets[0] ?? '').split('.0.0/');
    const pause = await containers.create(
      shell('exec sleep 1000', {
        network: {
          kind: 'member',
          network: network.name,
          ipv4: `${prefix}.3.7`,
          hostname: 'web-0',
          dns: { servers: [`${prefix}.0.9`], searches: ['cluster.local'], options: ['ndots:5'] },
        },
      }),
    );
    await containers.start(pause.id);
    const server = await containers.create(
      shell('while :; do echo hello | nc -l -p 8080; done', { network: { kind: 'join', container: pause.id } }),
    );
    await containers.start(server.id);
    const inside = shell('hostname; cat /etc/resolv.conf', { network: { kind: 'join', container: pause.id } });
    expect((await runToEnd(scene.engine, inside)).output).toBe(
      `web-0\nsearch cluster.local\nnameserver ${prefix}.0.9\noptions ndots:5\n`,
    );
    const outside = shell(`until nc ${prefix}.3.7 8080 2>/dev/null; do :; done`, {
      network: { kind: 'member', network: network.name },
    });
    expect(await runToEnd(scene.engine, outside)).toMatchObject({ output: 'hello\n' });
    await containers.remove(server.id);
    await containers.remove(pause.id);
    await networks.remove(network.name);
  });

  it('publishes a port on loopback of the machine', async () => {
    const { containers, networks } = scene.engine;
    const network = await networks.createFree(['10.213.0.0/16'], { name: uniqueName(), labels: {} });
    const ports = [{ containerPort: 7000, protocol: 'TCP', hostIp: '127.0.0.1', hostPort: 0 }] as const;
    const { id } = await containers.create(
      shell('while :; do echo hello | nc -l -p 7000; done', {
        network: { kind: 'member', network: network.name, ports },
      }),
    );
    await containers.start(id);
    const port = (await containers.inspect(id))?.ports[0]?.hostPort;
    const dial = `require('node:net').connect(${port}, '127.0.0.1').on('error', () => {}).pipe(process.stdout)`;
    await eventually(
      'answer at the published port',
      () => execFileSync(process.execPath, ['-e', dial]).toString() === 'hello\n',
    );
    await containers.remove(id);
    await networks.remove(network.name);
  });

  it('shares a volume in memory, which files reach through the running pause container', async () => {
    const { containers, volumes } = scene.engine;
    const name = uniqueName();
    await volumes.create({ name, labels: {}, storage: { kind: 'tmpfs', sizeBytes: 2 ** 20, mode: 0o1777 } });
    const mounts = [{ kind: 'volume', volume: name, target: '/v' }] as const;
    const pause = await containers.create(shell('exec sleep 1000', { mounts }));
    await containers.start(pause.id);
    const secret = { kind: 'file', path: 'password', mode: 0o400, content: Buffer.from('swordfish\n') } as const;
    await containers.putArchive(pause.id, '/v', await tarOf([secret]));
    const reader = shell('cat /v/password; grep -c " /v tmpfs" /proc/mounts', { mounts });
    expect((await runToEnd(scene.engine, reader)).output).toBe('swordfish\n1\n');
    await containers.remove(pause.id);
    await volumes.remove(name);
  });

  it('reports events and runs commands', async () => {
    const { containers } = scene.engine;
    const project = uniqueName();
    const { id } = await containers.create(shell('exec sleep 1000', { labels: { project } }));
    const stop = new AbortController();
    let died = false;
    for await (const notice of scene.engine.events({ project }, stop.signal)) {
      if (notice.kind === 'listening') {
        const { exit } = await containers.start(id);
        expect(await containers.exec(id, { command: ['sh', '-c', 'exit 3'] })).toMatchObject({ exitCode: 3 });
        await containers.stop(id, { graceSeconds: 0 });
        expect(await exit).toBe(137);
      }
      if (notice.kind !== 'event' || notice.action !== 'die') continue;
      died = notice.id === id;
      break;
    }
    stop.abort();
    expect(died).toBe(true);
    await containers.remove(id);
  });

  it('runs the pods of an unprivileged user, whose Services the machine dials through the gateway', async () => {
    await buildBusybox(scene.engine, 'rootless-web:1', ['CMD ["/bin/httpd", "-f", "-p", "8080", "-h", "/www"]']);
    const yaml = `${configMap('page', { 'index.html': 'from a rootless container' })}
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 8088, targetPort: 8080 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec:
  terminationGracePeriodSeconds: 1
  volumes: [{ name: page, configMap: { name: page } }]
  containers:
    - name: web
      image: rootless-web:1
      imagePullPolicy: Never
      readinessProbe: { httpGet: { path: /, port: 8080 }, periodSeconds: 1 }
      volumeMounts: [{ name: page, mountPath: /www }]
---
apiVersion: v1
kind: Pod
metadata: { name: client }
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: client
      image: rootless-web:1
      imagePullPolicy: Never
      command: [sh, -c, "until wget -q -O - http://web:8088/; do sleep 0.2; done; echo; sleep 1000"]
`;
    await using up = await podScene(yaml, {
      network: 'engine',
      uid: ROOTLESS_UID,
      env: { DOCKER_HOST: `unix://${scene.server.socket}` },
    });
    await up.running.until(/default\/web:8088 {2}Ready 1\/1|default\/web .* 1\/1/);
    await up.said(/client \| from a rootless container/);
    const dial = await fetch(`http://${up.running.address('default/web')}/`);
    expect(await dial.text()).toBe('from a rootless container');
  }, 60_000);
});
