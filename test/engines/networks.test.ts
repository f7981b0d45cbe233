import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { LABELS, type NetworkMember, sweep, tarOf } from '../../src/engine/index.ts';
import { engineKinds } from '../../testing/engines/index.ts';
import { eventually } from '../../testing/eventually.ts';
import { titled } from '../../testing/requirements.ts';
import { engineScene, runToEnd, shell, uniqueName } from './scene.ts';

const CANDIDATES = ['10.201.0.0/16', '10.202.0.0/16', '10.203.0.0/16', '10.204.0.0/16'];

for (const kind of engineKinds()) {
  describe.skipIf(kind.missing !== undefined)(titled(`networks and volumes of ${kind.name}`, kind.missing), () => {
    const scene = engineScene(kind);

    it('creates networks on subnets that are free, lists them by label and removes them', async () => {
      const { networks } = scene.engine;
      const project = uniqueName();
      const create = (name: string) => networks.createFree(CANDIDATES, { name: uniqueName(name), labels: { project } });
      const [first, second] = [await create('one'), await create('two')];
      expect([first.subnets, second.subnets]).toEqual([['10.201.0.0/16'], ['10.202.0.0/16']]);
      const listed = await networks.list({ project });
      expect(listed.map(({ name }) => name).sort()).toEqual([first.name, second.name].sort());
      expect(listed.find(({ name }) => name === first.name)?.subnets).toEqual(['10.201.0.0/16']);
      await networks.remove(first.name);
      await networks.remove(first.name);
      expect(await networks.list({ project })).toHaveLength(1);
      await networks.remove(second.name);
    });

    it('reports that no candidate is free', async () => {
      const { networks } = scene.engine;
      const network = await networks.createFree(['10.209.0.0/24'], { name: uniqueName(), labels: {} });
      await expect(networks.createFree(['10.209.0.0/16'], { name: uniqueName(), labels: {} })).rejects.toMatchObject({
        code: 'SWB_ENGINE',
        message: expect.stringContaining('10.209.0.0/16 overlaps'),
      });
      await networks.remove(network.name);
    });

    it('refuses to remove a network in which a container runs', async () => {
      const { containers, networks } = scene.engine;
      const network = await networks.createFree(CANDIDATES, { name: uniqueName(), labels: {} });
      const { id } = await containers.create(
        shell('exec sleep 1000', { network: { kind: 'member', network: network.name } }),
      );
      await containers.start(id);
      await expect(networks.remove(network.name)).rejects.toMatchObject({ code: 'SWB_ENGINE' });
      await containers.remove(id);
      await networks.remove(network.name);
    });

    it('gives a pause container its address, names and DNS, which containers that join it share', async () => {
      const { containers, networks } = scene.engine;
      const network = await networks.createFree(CANDIDATES, { name: uniqueName(), labels: {} });
      const [prefix] = (network.subnets[0] ?? '').split('.0.0/');
      const member: NetworkMember = {
        kind: 'member',
        network: network.name,
        ipv4: `${prefix}.3.7`,
        hostname: 'web-0',
        extraHosts: ['database:10.9.8.7'],
        dns: {
          servers: [`${prefix}.0.9`],
          searches: ['shop.svc.cluster.local', 'cluster.local'],
          options: ['ndots:5'],
        },
        sysctls: { 'net.ipv4.ip_unprivileged_port_start': '0' },
      };
      const { id } = await containers.create(shell('exec sleep 1000', { network: member, ipc: { kind: 'shareable' } }));
      await containers.start(id);
      expect(await containers.inspect(id)).toMatchObject({ addresses: { [network.name]: `${prefix}.3.7` } });
      const { output, errors } = await runToEnd(
        scene.engine,
        shell(
          'hostname; ip -4 addr show eth0 | grep -o "inet [0-9.]*"; cat /etc/resolv.conf; grep database /etc/hosts; cat /proc/sys/net/ipv4/ip_unprivileged_port_start',
          { network: { kind: 'join', container: id }, ipc: { kind: 'join', container: id } },
        ),
      );
      expect(errors).toBe('');
      expect(output).toContain('web-0\n');
      expect(output).toContain(`inet ${prefix}.3.7\n`);
      expect(output).toMatch(/search shop\.svc\.cluster\.local cluster\.local/);
      expect(output).toMatch(/options .*ndots:5/);
      // Docker's own server stands between, and dials ours from the container.
      expect(output).toContain(`nameserver ${kind.name === 'docker' ? '127.0.0.11' : `${prefix}.0.9`}`);
      expect(output).toMatch(/10\.9\.8\.7\s+database/);
      expect(output.trim().split('\n').at(-1)).toBe('0');
      await containers.remove(id);
      await networks.remove(network.name);
    });

    it('lets containers of a network reach each other', async () => {
      const { containers, networks } = scene.engine;
      const network = await networks.createFree(CANDIDATES, { name: uniqueName(), labels: {} });
      const member = { kind: 'member', network: network.name } as const;
      const { id } = await containers.create(
        shell('while :; do echo hello | nc -l -p 8080; done', { network: member }),
      );
      await containers.start(id);
      const address = (await containers.inspect(id))?.addresses[network.name];
      const script = `until nc ${address} 8080 2>/dev/null; do :; done`;
      expect(await runToEnd(scene.engine, shell(script, { network: member }))).toMatchObject({ output: 'hello\n' });
      await containers.remove(id);
      await networks.remove(network.name);
    });

    it('publishes a port on a free port of loopback', async () => {
      const { containers, networks } = scene.engine;
      const network = await networks.createFree(CANDIDATES, { name: uniqueName(), labels: {} });
      const ports = [{ containerPort: 7000, protocol: 'TCP', hostIp: '127.0.0.1', hostPort: 0 }] as const;
      const { id } = await containers.create(
        shell('while :; do echo hello | nc -l -p 7000; done', {
          network: { kind: 'member', network: network.name, ports },
        }),
      );
      await containers.start(id);
      const port = (await containers.inspect(id))?.ports[0];
      expect(port).toMatchObject({ containerPort: 7000, protocol: 'TCP', hostIp: '127.0.0.1' });
      const dial = `require('node:net').connect(${port?.hostPort}, '127.0.0.1').on('error', () => {}).pipe(process.stdout)`;
      const [file = '', ...args] = scene.server.enter([process.execPath, '-e', dial]);
      await eventually('answer at the published port', () => execFileSync(file, args).toString() === 'hello\n');
      await containers.remove(id);
      await networks.remove(network.name);
    });

    it('creates a volume once, and refuses one that belongs to somebody else', async () => {
      const { volumes } = scene.engine;
      const [name, project] = [uniqueName(), uniqueName()];
      const spec = { name, labels: { project }, storage: { kind: 'disk' } } as const;
      expect(await volumes.create(spec)).toMatchObject({ name, labels: { project } });
      expect(await volumes.create(spec)).toMatchObject({ name });
      expect(await volumes.list({ project })).toMatchObject([{ name }]);
      await expect(volumes.create({ ...spec, labels: { project: 'other' } })).rejects.toThrow('other labels');
      await volumes.remove(name);
      await volumes.remove(name);
      expect(await volumes.list({ project })).toEqual([]);
    });

    it('keeps files of a volume from one container to the next and does not copy those of the image into it', async () => {
      const { volumes } = scene.engine;
      const name = uniqueName();
      await volumes.create({ name, labels: {}, storage: { kind: 'disk' } });
      const mounts = [{ kind: 'volume', volume: name, target: '/bin/data' }] as const;
      await runToEnd(scene.engine, shell('echo kept > /bin/data/file', { mounts }));
      expect(await runToEnd(scene.engine, shell('cat /bin/data/file', { mounts }))).toMatchObject({ output: 'kept\n' });
      const over = uniqueName();
      await volumes.create({ name: over, labels: {}, storage: { kind: 'disk' } });
      const spec = shell('', {
        entrypoint: ['/copy/busybox', 'ls', '/bin'],
        mounts: [{ kind: 'volume', volume: over, target: '/bin' }],
      });
      const { id } = await scene.engine.containers.create(spec);
      const busybox = await scene.engine.containers
        .getArchive(id, '/bin/busybox', { maxBytes: 2 ** 24 })
        .catch(() => undefined);
      await scene.engine.containers.remove(id);
      expect(busybox).toBeUndefined();
      await volumes.remove(name);
      await volumes.remove(over);
    });

    it('shares a volume in memory, which files reach through the running pause container', async () => {
      const { containers, volumes } = scene.engine;
      const name = uniqueName();
      await volumes.create({ name, labels: {}, storage: { kind: 'tmpfs', sizeBytes: 2 ** 20, mode: 0o1777 } });
      const pause = await containers.create(
        shell('exec sleep 1000', { mounts: [{ kind: 'volume', volume: name, target: '/volumes/v' }] }),
      );
      await containers.start(pause.id);
      const secret = { kind: 'file', path: 'password', mode: 0o400, content: Buffer.from('swordfish') } as const;
      await containers.putArchive(pause.id, '/volumes/v', await tarOf([secret]));
      const { output } = await runToEnd(
        scene.engine,
        shell(
          'cat /secret/password; echo; grep " /secret " /proc/mounts; touch /secret/x 2>/dev/null || echo read-only',
          {
            mounts: [{ kind: 'volume', volume: name, target: '/secret', readOnly: true }],
          },
        ),
      );
      expect(output).toMatch(/^swordfish\n/);
      expect(output).toMatch(/tmpfs \/secret tmpfs ro/);
      expect(output).toContain('read-only');
      await containers.remove(pause.id);
      await volumes.remove(name);
    });

    it('mounts folders of the machine and memory, and names a folder that is missing', async () => {
      const spec = shell('ls /here/containers.test.ts; grep " /scratch " /proc/mounts', {
        mounts: [
          { kind: 'bind', source: import.meta.dirname, target: '/here', readOnly: true },
          { kind: 'tmpfs', target: '/scratch', sizeBytes: 2 ** 20 },
        ],
      });
      expect((await runToEnd(scene.engine, spec)).output).toMatch(
        /containers\.test\.ts\ntmpfs \/scratch tmpfs .*size=1024k/,
      );
      const missing = shell('exit 0', { mounts: [{ kind: 'bind', source: '/no/such/folder', target: '/x' }] });
      await expect(runToEnd(scene.engine, missing)).rejects.toThrow('/no/such/folder');
    });

    it('reports events by label, with exit codes, and goes on after the engine has restarted', async () => {
      const { containers } = scene.engine;
      const project = uniqueName();
      const stop = new AbortController();
      const notices: string[] = [];
      const listening = Promise.withResolvers<void>();
      const watching = (async () => {
        for await (const notice of scene.engine.events({ project }, stop.signal)) {
          if (notice.kind === 'event') notices.push(`${notice.action} ${notice.name} ${notice.exitCode ?? ''}`.trim());
          else notices.push(notice.kind === 'listening' ? `listening ${notice.again}` : 'lost');
          if (notice.kind === 'listening') listening.resolve();
        }
      })();
      await listening.promise;
      const run = async (name: string, code: number): Promise<void> => {
        await runToEnd(scene.engine, shell(`exit ${code}`, { name, labels: { project } }));
        await runToEnd(scene.engine, shell('exit 9', { labels: { project: 'other' } }));
      };
      const [first, second] = [uniqueName(), uniqueName()];
      await run(first, 3);
      await eventually('end of the first', () => notices.includes(`die ${first} 3`));
      await scene.server.restart();
      await eventually('second connection', () => notices.includes('listening true'));
      await run(second, 4);
      await eventually('end of the second', () => notices.includes(`die ${second} 4`));
      expect(notices.filter(each => each.startsWith('die'))).toEqual([`die ${first} 3`, `die ${second} 4`]);
      expect(notices).toContain('lost');
      stop.abort();
      await watching;
      expect(await containers.list({ project })).toEqual([]);
    });

    it('sweeps what a dead process left, and nothing else', async () => {
      const { containers, networks, volumes } = scene.engine;
      const project = uniqueName();
      const of = (owner: string) => ({ [LABELS.project]: project, [LABELS.session]: owner, [LABELS.owner]: owner });
      const make = async (owner: string): Promise<void> => {
        const labels = of(owner);
        const network = await networks.createFree(CANDIDATES, { name: uniqueName(), labels });
        const volume = await volumes.create({ name: uniqueName(), labels, storage: { kind: 'disk' } });
        const claim = { ...labels, claim: 'true' };
        await volumes.create({ name: uniqueName(), labels: claim, storage: { kind: 'disk' } });
        const pause = await containers.create(
          shell('exec sleep 1000', {
            labels: { ...labels, pause: 'true' },
            network: { kind: 'member', network: network.name },
            mounts: [{ kind: 'volume', volume: volume.name, target: '/v' }],
          }),
        );
        await containers.start(pause.id);
        const app = await containers.create(
          shell('exec sleep 1000', { labels, network: { kind: 'join', container: pause.id } }),
        );
        await containers.start(app.id);
      };
      await make('dead');
      await make('alive');
      const count = await sweep(scene.engine, {
        project,
        isDead: ({ owner }) => owner === 'dead',
        keepVolume: labels => labels.claim === 'true',
        order: labels => (labels.pause === 'true' ? 1 : 0),
      });
      expect(count).toBe(4);
      expect(await containers.list(of('alive'))).toHaveLength(2);
      expect(await containers.list(of('dead'))).toEqual([]);
      expect(await networks.list(of('dead'))).toEqual([]);
      expect(await volumes.list(of('dead'))).toMatchObject([{ labels: { claim: 'true' } }]);
    });
  });
}
