import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { familyOf } from '../../src/net/index.ts';
import { reachableAddresses } from '../../src/system/index.ts';
import { eventually } from '../../testing/eventually.ts';
import {
  askUdp,
  codeOf,
  deadEndpoint,
  endpoint,
  newPlane,
  only,
  route,
  set,
  udpReplica,
  udpSocket,
} from './userspace-kit.ts';

/** This machine's addresses besides loopback. */
const ADDRESSES = reachableAddresses();
const udp = { protocol: 'UDP', port: 5300 } as const;

describe('userspace plane: UDP', () => {
  it('keeps a flow for each client, and answers from the address that the client dialled', async () => {
    const { plane } = newPlane({ balance: 'round-robin' });
    const endpoints = await Promise.all(['a', 'b'].map(name => udpReplica(name)));
    const listener = only(await set(plane, route({ ...udp, endpoints })));
    const [one, two] = [await udpSocket(), await udpSocket()];
    // askUdp checks that the reply comes from the listener's address and port.
    for (let i = 0; i < 5; i++) {
      expect(await askUdp(one, listener, `q${i}`)).toBe(`a:q${i}`);
      expect(await askUdp(two, listener, `q${i}`)).toBe(`b:q${i}`);
    }
    expect(plane.traffic()[0]).toMatchObject({ accepted: 2, active: 2, bytesIn: 20, bytesOut: 40 });
    expect([...(plane.traffic()[0]?.byEndpoint.values() ?? [])]).toEqual([1, 1]);
  });

  it.runIf(process.platform === 'linux' && ADDRESSES.length > 0)(
    'answers from the dialled address when it listens at every address, in both families',
    async () => {
      for (const family of new Set(ADDRESSES.map(familyOf))) {
        const { plane } = newPlane({ listen: family === 'IPv4' ? '0.0.0.0' : '::' });
        const frontends = [{ kind: 'nodePort', port: 30_530 }] as const;
        const endpoints = [await udpReplica('a', family === 'IPv4' ? undefined : '::1')];
        const { port } = only(await set(plane, route({ ...udp, family, frontends, endpoints })));
        const loopback = family === 'IPv4' ? '127.0.0.1' : '::1';
        const client = await udpSocket(loopback);
        // On loopback, the system would reply by itself. The client dials all addresses from one socket.
        for (const address of [loopback, ...ADDRESSES.filter(own => familyOf(own) === family)]) {
          expect(await askUdp(client, { address, port }, 'q')).toBe('a:q');
        }
      }
    },
  );

  it('loses no datagram of a burst that arrives before the flow is connected', async () => {
    const { plane } = newPlane();
    const backend = await udpReplica(undefined);
    const listener = only(await set(plane, route({ ...udp, endpoints: [backend] })));
    const client = await udpSocket();
    for (let i = 0; i < 30; i++) client.send(String(i), listener.port, listener.address);
    await eventually('all 30 arrive', () => backend.got.length === 30);
    expect(backend.got).toEqual(Array.from({ length: 30 }, (_, i) => String(i)));
  });

  it('closes idle flows, and opens a new one for the next datagram', async () => {
    const { plane } = newPlane({ udpIdleMs: 50 });
    const listener = only(await set(plane, route({ ...udp, endpoints: [await udpReplica('a')] })));
    const client = await udpSocket();
    expect(await askUdp(client, listener, 'q')).toBe('a:q');
    await eventually('the flow ends', () => plane.traffic()[0]?.active === 0);
    expect(await askUdp(client, listener, 'again')).toBe('a:again');
    expect(plane.traffic()[0]).toMatchObject({ accepted: 2 });
  });

  it('moves a flow at once when its endpoint is removed, and no other flow', async () => {
    const { plane } = newPlane({ balance: 'round-robin' });
    const [a, b, c] = [await udpReplica('a'), await udpReplica('b'), await udpReplica('c')];
    const listener = only(await set(plane, route({ ...udp, endpoints: [a, b] })));
    const [one, two] = [await udpSocket(), await udpSocket()];
    expect([await askUdp(one, listener, 'q'), await askUdp(two, listener, 'q')]).toEqual(['a:q', 'b:q']);
    await set(plane, route({ ...udp, endpoints: [b, c] }));
    expect(plane.traffic()[0]?.active).toBe(2);
    expect(await askUdp(one, listener, 'q')).toMatch(/^[bc]:q$/);
    expect(await askUdp(two, listener, 'q')).toBe('b:q');
    // b gets no new flows but is serving while it terminates: its flow stays (service semantics 8.1).
    const fading = { ...endpoint(b), ready: false, terminating: true };
    const onlyC = route({ ...udp, endpoints: [c] });
    await set(plane, { ...onlyC, endpoints: [fading, ...onlyC.endpoints] });
    expect(await askUdp(two, listener, 'q')).toBe('b:q');
    await set(plane, onlyC);
    expect(await askUdp(two, listener, 'q')).toBe('c:q');
  });

  it('sends a refused datagram to another endpoint, and moves the flow with it', async () => {
    const { plane, events } = newPlane({ balance: 'round-robin' });
    const dead = await deadEndpoint();
    const listener = only(await set(plane, route({ ...udp, endpoints: [dead, await udpReplica('live')] })));
    const client = await udpSocket();
    // Sent once: a refused datagram was not delivered, so another endpoint gets it.
    expect(await askUdp(client, listener, 'first')).toBe('live:first');
    expect(await askUdp(client, listener, 'second')).toBe('live:second');
    expect(events).toEqual([expect.objectContaining({ event: 'endpoint-ejected', code: 'ECONNREFUSED' })]);
    expect(plane.traffic()[0]).toMatchObject({ accepted: 1, active: 1 });
  });

  it('moves a flow whose endpoint dies', async () => {
    const { plane } = newPlane({ balance: 'round-robin' });
    const [a, b] = [await udpReplica('a'), await udpReplica('b')];
    const listener = only(await set(plane, route({ ...udp, endpoints: [a, b] })));
    const client = await udpSocket();
    expect(await askUdp(client, listener, 'q')).toBe('a:q');
    a.socket.close();
    expect(await askUdp(client, listener, 'r')).toBe('b:r');
  });

  it('survives when all endpoints refuse, and works again when one is back', async () => {
    const { plane, events } = newPlane();
    const dead = await deadEndpoint();
    const listener = only(await set(plane, route({ ...udp, endpoints: [dead] })));
    const client = await udpSocket();
    client.send('lost', listener.port, listener.address);
    await eventually('it is refused', () => events.some(({ event }) => event === 'endpoint-ejected'));
    await udpReplica('back', dead.address, dead.port);
    expect(await askUdp(client, listener, 'q')).toBe('back:q');
  });

  it('bounds the number of flows: closes the idlest one, and reports it once', async () => {
    const { plane, events } = newPlane({ maxUdpFlows: 10 });
    const listener = only(await set(plane, route({ ...udp, endpoints: [await udpReplica('a')] })));
    const clients = await Promise.all(Array.from({ length: 50 }, () => udpSocket()));
    const [first] = clients;
    if (first === undefined) throw new Error('no client');
    for (const client of clients) {
      expect(await askUdp(client, listener, 'q')).toBe('a:q');
      await askUdp(first, listener, 'kept in use');
    }
    expect(plane.traffic()[0]).toMatchObject({ active: 10, accepted: 50 });
    expect(events).toEqual([{ event: 'flows-evicted', limit: 10, unreported: 0 }]);
  });

  it('keeps all flows of a client on one endpoint with ClientIP affinity', async () => {
    const { plane } = newPlane({ balance: 'round-robin' });
    const endpoints = await Promise.all(['a', 'b', 'c'].map(name => udpReplica(name)));
    const listener = only(await set(plane, route({ ...udp, endpoints, affinityTimeoutSeconds: 100 })));
    const answers = new Set<string>();
    for (let i = 0; i < 6; i++) answers.add(await askUdp(await udpSocket('127.0.0.5'), listener, 'q'));
    expect(answers.size).toBe(1);
    expect(await askUdp(await udpSocket('127.0.0.6'), listener, 'q')).not.toBe([...answers][0]);
  });

  it('lets the kernel refuse while no endpoint is ready, and returns on the same address and port', async () => {
    const { plane } = newPlane();
    const endpoints = [await udpReplica('a')];
    const listener = only(await set(plane, route({ ...udp, endpoints })));
    const client = await udpSocket();
    client.connect(listener.port, listener.address);
    await once(client, 'connect');
    client.send('q');
    expect(String((await once(client, 'message'))[0])).toBe('a:q');
    await set(plane, route(udp));
    expect(await plane.observe()).toEqual([]);
    expect(plane.traffic()[0]?.active).toBe(0);
    const refused = codeOf(once(client, 'message'));
    client.send('q');
    expect(await refused).toBe('ECONNREFUSED');
    expect(only(await set(plane, route({ ...udp, endpoints })))).toEqual(listener);
    client.send('r');
    expect(String((await once(client, 'message'))[0])).toBe('a:r');
  });
});
