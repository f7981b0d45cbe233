/** Packets in addition to the conformance scenarios: timeouts, marks of other programs, and how pods are recognised. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../../testing/lab/lab.ts';
import type { EchoAnswer } from '../../testing/lab/messages.ts';
import { labMissing } from '../../testing/lab/tools.ts';
import { SIX, service, slice, stickyFor } from './manifests.ts';
import { PlaneChild, type PlaneSettings } from './plane-child.ts';

const PODS = ['a1', 'a2', 'a3', 'b1', 'b2'];
const WITHIN_MS = 10_000;
const ROUNDS = 30;
const IP = { IPv4: '10.96.0.10', IPv6: 'fd00:96::10' } as const;
const TABLE = { IPv4: 'ip', IPv6: 'ip6' } as const;

const missing = labMissing();

describe.skipIf(missing !== undefined)('nftables plane: packets', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    await Promise.all(PODS.map(pod => lab.host(pod).serve({ tcp: [8080], udp: [] })));
  }, 60_000);
  afterEach(async () => {
    await lab.node.must(['nft', 'flush', 'ruleset']);
    await lab.node.must(['conntrack', '-F']);
  });
  afterAll(() => lab?.close());

  const nft = (text: string) => lab.node.must(['nft', '-f', '-'], `${text}\n`);
  const start = (options: Partial<PlaneSettings> = {}) =>
    PlaneChild.start(lab.node.namespace, {
      nodeAddresses: ['192.0.2.1', 'fd00:c0::1'],
      localTraffic: {
        kind: 'cidrs',
        cidrs: [
          { family: 'IPv4', network: '10.180.0.0', prefix: 16 },
          { family: 'IPv6', network: 'fd00:180::', prefix: 48 },
        ],
      },
      watchMs: 0,
      ...options,
    });
  const pods = (family: 'IPv4' | 'IPv6', names: readonly string[]) => names.map(name => lab.host(name).address(family));

  async function dial(from: string, to: string, port = 80, flow?: string): Promise<EchoAnswer> {
    const kept = flow === undefined ? {} : { flow };
    const [answer] = await lab.host(from).dial([{ to, port, protocol: 'TCP', timeoutMs: 4_000, ...kept }]);
    if (answer?.kind !== 'answer') throw new Error(`${from} -> ${to}: ${JSON.stringify(answer)}`);
    return answer;
  }

  describe.each(['IPv4', 'IPv6'] as const)('affinity over %s', family => {
    const clients = async () => {
      const text = await lab.node.must(['nft', 'list', 'map', TABLE[family], 'switchboard', 'sticky_clients']);
      return (text.match(/expires/g) ?? []).length;
    };

    it('lasts while the client returns within the timeout, and ends after it', async () => {
      await using plane = await start();
      const spec = family === 'IPv6' ? { ...SIX, ...stickyFor(1) } : stickyFor(1);
      await plane.apply([service('web', IP[family], spec), slice('web', pods(family, PODS))]);
      const first = (await dial('client', IP[family])).host;
      expect((await dial('client', IP[family])).host).toBe(first);
      const seen = new Set([first]);
      for (let round = 0; seen.size === 1 && round < ROUNDS; round++) {
        const deadline = performance.now() + WITHIN_MS;
        while ((await clients()) > 0) if (performance.now() > deadline) throw new Error('the affinity never ended');
        seen.add((await dial('client', IP[family])).host);
        expect(await clients()).toBe(1);
      }
      expect(seen.size, `${ROUNDS} times the same endpoint of ${PODS.length}`).toBe(2);
    }, 60_000);

    it('is renewed by every connection, for each client separately', async () => {
      await using plane = await start();
      const spec = family === 'IPv6' ? { ...SIX, ...stickyFor(100) } : stickyFor(100);
      await plane.apply([service('web', IP[family], spec), slice('web', pods(family, PODS))]);
      const hosts: string[][] = [];
      for (const from of ['client', 'client2', 'node1', 'a1', 'a2']) {
        const answers: string[] = [];
        for (let i = 0; i < 4; i++) answers.push((await dial(from, IP[family])).host);
        hosts.push([...new Set(answers)]);
      }
      expect(hosts.map(list => list.length)).toEqual([1, 1, 1, 1, 1]);
      expect(await clients()).toBe(5);
      // A restart keeps the affinity.
      await plane.close();
      await using other = await start();
      await other.apply([service('web', IP[family], spec), slice('web', pods(family, PODS))]);
      expect((await dial('client', IP[family])).host).toBe(hosts[0]?.[0]);
    }, 60_000);
  });

  it('keeps bits of the packet mark that other programs have set, and clears its own', async () => {
    await nft(`table ip other {
  chain before { type filter hook prerouting priority -200; ip saddr 198.51.100.10 meta mark set 0x1003; }
  chain between { type filter hook forward priority 0; meta mark 0x1203 counter; }
  chain after { type filter hook postrouting priority 200; tcp flags & (syn | ack) == syn ip daddr 10.180.0.11 meta mark 0x1003 counter; }
}`);
    await using plane = await start({ masqueradeBit: 9 });
    await plane.apply([service('web', IP.IPv4), slice('web', pods('IPv4', ['a1']))]);
    expect((await dial('client', IP.IPv4)).source).toBe('192.0.2.1');
    const listed = await lab.node.must(['nft', 'list', 'table', 'ip', 'other']);
    const counts = [...listed.matchAll(/counter packets (\d+)/g)].map(match => Number(match[1]));
    expect(counts).toHaveLength(2);
    expect(
      counts.every(count => count >= 1),
      listed,
    ).toBe(true);
  });

  it('does not masquerade a packet with its bit that goes to no Service', async () => {
    await nft(`table ip other {
  chain before { type filter hook prerouting priority -200; meta mark set 0x4000; }
}`);
    await using plane = await start();
    await plane.apply([service('web', IP.IPv4), slice('web', pods('IPv4', ['a1']))]);
    expect((await dial('client', lab.host('a1').address(), 8080)).source).toBe('198.51.100.10');
  });

  it('keeps connection marks of other programs without affinity, and clears its own with affinity', async () => {
    await nft(`table ip other {
  chain before { type filter hook prerouting priority -150; ip daddr 10.96.0.10 ct state new ct mark set 0x77; }
}`);
    await using plane = await start();
    await plane.apply([
      service('web', IP.IPv4),
      slice('web', pods('IPv4', ['a1', 'b1'])),
      service('kept', '10.96.0.11', stickyFor(100)),
      slice('kept', pods('IPv4', ['a1', 'b1'])),
    ]);
    await dial('client', IP.IPv4, 80, 'plain');
    await dial('client', '10.96.0.11', 80, 'sticky');
    const flows = (await lab.node.must(['conntrack', '-L', '-p', 'tcp'])).split('\n');
    const markOf = (to: string) => /mark=(\d+)/.exec(flows.find(flow => flow.includes(`dst=${to} `)) ?? '')?.[1];
    expect({ plain: markOf(IP.IPv4), sticky: markOf('10.96.0.11') }).toEqual({ plain: '119', sticky: '0' });
    await lab.host('client').forgetFlows();
  });

  it.each<[string, PlaneSettings['localTraffic'], Record<string, 'kept' | 'node'>]>([
    ['the bridge', { kind: 'bridge', name: 'pod-a1' }, { a1: 'kept', a2: 'node', client: 'node' }],
    [
      'the prefix of their interfaces',
      { kind: 'interfacePrefix', prefix: 'pod-' },
      { a1: 'kept', a2: 'kept', client: 'node' },
    ],
    ['a longer prefix', { kind: 'interfacePrefix', prefix: 'pod-a2' }, { a1: 'node', a2: 'kept', client: 'node' }],
    ['nothing', { kind: 'none' }, { a1: 'kept', a2: 'kept', client: 'kept' }],
  ])('recognises pods by %s', async (_by, localTraffic, sources) => {
    await using plane = await start(localTraffic === undefined ? {} : { localTraffic });
    await plane.apply([service('web', IP.IPv4), slice('web', pods('IPv4', ['a3']))]);
    for (const [from, source] of Object.entries(sources)) {
      const answer = await dial(from, IP.IPv4);
      expect(answer.source, from).toBe(source === 'kept' ? lab.host(from).address() : '192.0.2.1');
    }
    expect(await plane.verify()).toEqual([]);
  });

  it('programs SCTP like the other protocols', async () => {
    await using plane = await start();
    const ports = [{ port: 36_412, protocol: 'SCTP', targetPort: 36_412, nodePort: 30_412 }];
    await plane.apply([
      service('core', IP.IPv4, { type: 'NodePort', ports }),
      slice('core', ['10.180.0.11'], { port: 36_412, protocol: 'SCTP' }),
      service('idle', '10.96.0.12', { ports: [{ port: 36_412, protocol: 'SCTP' }] }),
    ]);
    const table = await lab.node.must(['nft', '--numeric-protocol', 'list', 'table', 'ip', 'switchboard']);
    const elementsOf = (set: string) =>
      new RegExp(`\\t(?:set|map) ${set} \\{[^}]*elements = \\{([^}]*)\\}`).exec(table)?.[1];
    expect(elementsOf('frontends')).toContain('10.96.0.10 . 132 . 36412');
    expect(elementsOf('node_frontends')).toContain('132 . 30412');
    expect(elementsOf('endpoints')).toContain('10.96.0.10 . 132 . 36412 : 10.180.0.11 . 36412');
    expect(elementsOf('rejected')).toContain('10.96.0.12 . 132 . 36412');
    expect(await plane.verify()).toEqual([]);
  });
});
