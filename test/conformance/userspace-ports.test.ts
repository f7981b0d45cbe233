import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { createUserspacePlane } from '../../src/planes/userspace/index.ts';
import {
  ask,
  askUdp,
  childNode,
  dialled,
  isListeners,
  named,
  newPlane,
  only,
  PLANE_URL,
  replica,
  route,
  set,
  udpReplica,
  udpSocket,
} from './userspace-kit.ts';

const LINUX = process.platform === 'linux';
const IPV6 = Object.values(networkInterfaces()).some(list => list?.some(({ address }) => address === '::1'));

/** 1024 unless an administrator changed it; ports from it on need no privilege. */
function firstFreePort(): number {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));
  } catch {
    return 1024;
  }
}

describe('userspace plane: addresses and ports', () => {
  it.runIf(LINUX)('gives each Service an address of its own, so that all keep their ports', async () => {
    const services = ['shop/web', 'shop/api', 'blog/web'];
    const routes = await Promise.all(
      services.map(async service => route({ service, port: 8080, endpoints: [await replica(named(service))] })),
    );
    const first = await set(newPlane().plane, ...routes);
    expect(first.every(({ port, moved, failed }) => port === 8080 && moved === undefined && failed === undefined)).toBe(
      true,
    );
    expect(new Set(first.map(({ address }) => address)).size).toBe(3);
    for (const listener of first) expect(await ask(listener)).toBe(listener.route.split(':')[0]);
  });

  it.runIf(LINUX)('gives the same address in every run, regardless of other Services', async () => {
    const run = async (...services: string[]) => {
      const { plane } = newPlane();
      const listeners = await set(plane, ...services.map(service => route({ service, port: 8090 })));
      await plane.close({ drainMs: 0 });
      return listeners.filter(listener => listener.route.startsWith('shop/web')).map(dialled);
    };
    expect(await run('shop/web', 'shop/api')).toEqual(await run('blog/web', 'shop/db', 'shop/web'));
  });

  it.runIf(LINUX)('listens on the cluster IP itself where that is an address of this machine', async () => {
    const { plane } = newPlane();
    const frontends = [{ kind: 'clusterIP', address: '127.9.8.7', port: 8080 }] as const;
    const listener = only(await set(plane, route({ frontends, endpoints: [await replica(named('a'))] })));
    expect(dialled(listener)).toBe('127.9.8.7:8080');
    expect(await ask(listener)).toBe('a');
  });

  it('moves the second of two Services on a shared address to a port that is the same in every run', async () => {
    const runs = [];
    for (let i = 0; i < 2; i++) {
      const { plane } = newPlane({ addresses: 'shared' });
      const [web, api] = await Promise.all(
        ['shop/web', 'shop/api'].map(async service =>
          route({ service, port: 18_080, endpoints: [await replica(named(service))] }),
        ),
      );
      if (web === undefined || api === undefined) throw new Error('no routes');
      // Ordered by name, not by the order of the input.
      const listeners = i === 0 ? await set(plane, web, api) : await set(plane, api, web);
      for (const listener of listeners) expect(await ask(listener)).toBe(listener.route.split(':')[0]);
      runs.push(new Map(listeners.map(listener => [listener.route, listener])));
      await plane.close({ drainMs: 0 });
    }
    const [first, second] = runs;
    for (const [key, listener] of first ?? []) expect(second?.get(key)).toEqual(listener);
    const api = first?.get('shop/api:/TCP/IPv4');
    const web = first?.get('shop/web:/TCP/IPv4');
    expect(api).toMatchObject({ address: '127.0.0.1', port: 18_080 });
    expect(web).toMatchObject({ address: '127.0.0.1', moved: '18080 is held by Service shop/api' });
    expect(web?.port).not.toBe(18_080);
  });

  it.runIf(LINUX)('moves away from a busy port, TCP and UDP, and names the process that holds it', async () => {
    const child = childNode(`
      import { createServer } from 'node:net';
      import { createSocket } from 'node:dgram';
      createServer().listen(18081, '127.0.0.1', () => {
        const udp = createSocket('udp4').bind(18081, '127.0.0.1', () => process.send('ready'));
      });`);
    await child.hear();
    const { plane } = newPlane({ addresses: 'shared' });
    const endpoints = [await replica(named('moved'))];
    const [tcp, udp] = await set(
      plane,
      route({ port: 18_081, endpoints }),
      route({ port: 18_081, protocol: 'UDP', endpoints: [await udpReplica('moved')] }),
    );
    for (const listener of [tcp, udp]) {
      expect(listener?.moved).toMatch(new RegExp(`^18081 is held by .+ \\(pid ${child.process.pid}\\)$`));
      expect(listener?.port).toBeGreaterThanOrEqual(10_000);
    }
    if (tcp === undefined || udp === undefined) throw new Error('not both');
    expect(await ask(tcp)).toBe('moved');
    expect(await askUdp(await udpSocket(), udp, 'q')).toBe('moved:q');
  });

  it.runIf(LINUX && firstFreePort() > 80)('moves away from a port for which it lacks the privilege', async () => {
    const run = async () => {
      const child = childNode(
        `
        const { createUserspacePlane } = await import(${JSON.stringify(PLANE_URL)});
        if (process.getuid() === 0) process.setuid(65534); // the user nobody, who cannot read this folder, so only now
        const plane = createUserspacePlane();
        const changes = ${JSON.stringify([
          { type: 'set', route: route({ port: 80 }) },
          { type: 'set', route: route({ port: 53, protocol: 'UDP' }) },
        ])};
        process.send((await plane.apply(changes)).outcomes.flatMap(outcome => outcome.listeners));`,
      );
      const message = await child.hear();
      if (!isListeners(message)) throw new Error(`not a list of listeners: ${JSON.stringify(message)}`);
      return message;
    };
    const [first, second] = [await run(), await run()];
    expect(first).toEqual(second);
    expect(first.map(({ moved }) => moved)).toEqual([
      expect.stringMatching(/^port 80 needs root; to allow it: sudo sysctl .*=80$/),
      expect.stringMatching(/^port 53 needs root; to allow it: sudo sysctl .*=53$/),
    ]);
    for (const { port } of first) expect(port).toBeGreaterThanOrEqual(10_000);
  });

  it('assigns an unallocated node port a stable number, the same for both families', async () => {
    const runs = [];
    for (let i = 0; i < 2; i++) {
      const { plane } = newPlane();
      const frontends = [{ kind: 'nodePort', port: undefined }] as const;
      const families = IPV6 ? (['IPv4', 'IPv6'] as const) : (['IPv4'] as const);
      const listeners = await set(plane, ...families.map(family => route({ frontends, family })));
      expect(new Set(listeners.map(({ port }) => port)).size).toBe(1);
      expect(listeners.every(({ moved, failed }) => moved === undefined && failed === undefined)).toBe(true);
      runs.push(listeners.map(dialled));
      await plane.close({ drainMs: 0 });
    }
    expect(runs[0]).toEqual(runs[1]);
    expect(Number(runs[0]?.[0]?.split(':')[1])).toBeGreaterThanOrEqual(30_000);
  });

  it('prefers a Service that names a node port over one that does not', async () => {
    const careless = route({ service: 'a/a', frontends: [{ kind: 'nodePort', port: undefined }] });
    const first = newPlane().plane;
    const { port } = only(await set(first, careless));
    await first.close({ drainMs: 0 });
    const { plane } = newPlane();
    const named = route({ service: 'z/z', frontends: [{ kind: 'nodePort', port }] });
    const [a, z] = await set(plane, careless, named);
    expect(z).toMatchObject({ port });
    expect(z?.moved).toBeUndefined();
    expect(a?.port).toBe(port === 32_767 ? 30_000 : port + 1);
    expect(a?.moved).toBeUndefined();
  });

  it('listens for node ports and load balancers on the given address', async () => {
    const { plane } = newPlane({ listen: '0.0.0.0' });
    const frontends = [
      { kind: 'nodePort', port: undefined },
      { kind: 'loadBalancer', address: '198.51.100.7', port: 18_083 },
    ] as const;
    const listeners = await set(plane, route({ frontends, endpoints: [await replica(named('a'))] }));
    for (const listener of listeners) {
      expect(listener.address).toBe('0.0.0.0');
      expect(await ask({ address: '127.0.0.1', port: listener.port })).toBe('a');
    }
    expect(() => createUserspacePlane({ listen: 'everywhere' })).toThrow('"everywhere", is not an IP address');
  });

  it('reports an external IP of another machine and SCTP as failed, and serves the rest', async () => {
    const { plane } = newPlane();
    const listeners = await set(
      plane,
      route({
        endpoints: [await replica(named('here'))],
        frontends: [
          { kind: 'clusterIP', address: undefined, port: 8080 },
          { kind: 'externalIP', address: '203.0.113.1', port: 8080 },
        ],
      }),
      route({ service: 'default/sctp', protocol: 'SCTP', endpoints: [{ address: '127.64.0.1', port: 1 }] }),
    );
    expect(listeners.map(({ failed }) => failed)).toEqual([
      undefined,
      '203.0.113.1 is not an address of this machine',
      'the userspace plane does not support SCTP',
    ]);
    expect(await ask(only(listeners, 'externalIP').failed ? (listeners[0] ?? only([])) : only([]))).toBe('here');
    expect(await plane.observe()).toHaveLength(1);
  });

  it.skipIf(!IPV6)('carries IPv6 on ::1, and to IPv4-free endpoints', async () => {
    const { plane } = newPlane();
    const v6 = { family: 'IPv6', frontends: [{ kind: 'clusterIP', address: 'fd00::1', port: 18_082 }] } as const;
    const listeners = await set(
      plane,
      route({ ...v6, endpoints: [await replica(named('a'), '::1')] }),
      route({ ...v6, service: 'default/zeta', endpoints: [await replica(named('z'), '::1')] }),
    );
    const [a, z] = listeners;
    if (a === undefined || z === undefined) throw new Error('not both');
    expect(dialled(a)).toBe('::1:18082');
    expect(z).toMatchObject({ address: '::1', moved: '18082 is held by Service default/web' });
    expect([await ask(a), await ask(z)]).toEqual(['a', 'z']);
    const udp = only(await set(plane, route({ ...v6, protocol: 'UDP', endpoints: [await udpReplica('u', '::1')] })));
    expect(await askUdp(await udpSocket('::1'), udp, 'q')).toBe('u:q');
  });

  it('serves TCP and UDP on the same port number', async () => {
    const { plane } = newPlane();
    const [tcp, udp] = await set(
      plane,
      route({ port: 5353, portName: 'dns', endpoints: [await replica(named('tcp'))] }),
      route({ port: 5353, portName: 'dns', protocol: 'UDP', endpoints: [await udpReplica('udp')] }),
    );
    if (tcp === undefined || udp === undefined) throw new Error('not both');
    expect(dialled(tcp)).toBe(dialled(udp));
    expect(await ask(tcp)).toBe('tcp');
    expect(await askUdp(await udpSocket(), udp, 'q')).toBe('udp:q');
  });
});
