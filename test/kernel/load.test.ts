/** Connections and UDP flows that continue while the rules change. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../../testing/lab/lab.ts';
import { labMissing } from '../../testing/lab/tools.ts';
import { Load, Receiver } from './load-child.ts';
import { gone, service, slice } from './manifests.ts';
import { PlaneChild } from './plane-child.ts';

const CHANGES = 10_000;
const PER_SECOND = 200;
/** Services besides the dialled one; all of them change in every step. */
const OTHERS = 40;

const missing = labMissing();

describe.skipIf(missing !== undefined)('nftables plane: under load', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    await Promise.all(['a1', 'a2', 'a3', 'b1'].map(pod => lab.host(pod).serve({ tcp: [8080], udp: [] })));
  }, 60_000);
  afterAll(() => lab?.close());

  const options = () =>
    ({
      nodeAddresses: lab.node.addresses.filter(address => !address.startsWith('203.')),
      localTraffic: { kind: 'cidrs', cidrs: [{ family: 'IPv4', network: '10.180.0.0', prefix: 16 }] },
      watchMs: 20,
    }) as const;

  it(`carries every connection through ${CHANGES} changes, a restart, and its end`, async () => {
    const node = lab.node.namespace;
    const at = (pod: string) => lab.host(pod).address();
    // Endpoints of the dialled Service come and go, and all of them answer, so no connection may fail.
    const sets = [
      ['a1', 'a2'],
      ['a1', 'a2', 'a3'],
      ['a2', 'b1', 'a1', 'a3'],
      ['a3', 'a1', 'a2'],
      ['b1', 'a2', 'a1'],
    ];
    const objects = [
      service('web', '10.96.0.10', { type: 'NodePort', ports: [{ port: 80, targetPort: 8080, nodePort: 30_080 }] }),
      ...Array.from({ length: OTHERS }, (_, i) => service(`o${i}`, `10.96.1.${i}`)),
    ];
    const steps = sets.map((pods, step) => [
      slice('web', pods.map(at)),
      ...Array.from({ length: OTHERS }, (_, i) =>
        slice(
          `o${i}`,
          Array.from({ length: ((i + step) % 5) + 1 }, (_, e) => `10.180.9.${step * 10 + e + 1}`),
        ),
      ),
    ]);
    const rounds = Math.ceil(CHANGES / 2 / (steps.length * (OTHERS + 1)));
    await using plane = await PlaneChild.start(node, options());
    await plane.apply([...objects, ...(steps[0] ?? [])]);
    const loads = [
      Load.connect(lab.host('client'), '10.96.0.10', 80, PER_SECOND / 2),
      Load.connect(lab.host('b2'), lab.node.address(), 30_080, PER_SECOND / 2),
    ];
    await Promise.all(loads.map(load => load.further(200)));
    let changes = Number(await plane.ask({ order: 'churn', steps, rounds }));
    await plane.close();
    // The rules stay after the exit, and traffic continues.
    await Promise.all(loads.map(load => load.further(100)));
    await using next = await PlaneChild.start(node, options());
    await next.apply([...objects, ...(steps[2] ?? [])]);
    changes += Number(await next.ask({ order: 'churn', steps, rounds }));
    expect(await next.verify()).toEqual([]);
    await next.close();
    await Promise.all(loads.map(load => load.further(100)));
    const reports = await Promise.all(loads.map(load => load.stop()));
    const begun = reports.reduce((sum, report) => sum + report.begun, 0);
    process.stdout.write(`${changes} changes, ${begun} connections\n`);
    expect(reports.flatMap(({ failures }) => failures)).toEqual([]);
    expect(reports.map(report => report.answered)).toEqual(reports.map(report => report.begun));
    expect(changes).toBeGreaterThanOrEqual(CHANGES);
    await lab.node.must(['nft', 'flush', 'ruleset']);
  }, 90_000);

  it.each([
    ['a cluster IP, from a pod', 'a3', '10.96.0.20', 53],
    ['a node port, from outside', 'client', '192.0.2.1', 30_053],
    ['a load balancer’s address, from the node', 'node1', '203.0.113.20', 53],
  ])(
    'sends a removed endpoint no more UDP datagrams by %s',
    async (_way, from, address, port) => {
      const [one, two] = ['a1', 'a2'].map(name => new Receiver(lab.host(name), 5353));
      if (one === undefined || two === undefined) throw new Error('no servers');
      await Promise.all([one.ready(), two.ready()]);
      const [first, second] = [lab.host('a1').address(), lab.host('a2').address()];
      const endpoints = (...list: string[]) => slice('dns', list, { port: 5353, protocol: 'UDP' });
      const ports = [{ port: 53, protocol: 'UDP', targetPort: 5353, nodePort: 30_053 }];
      const dns = service('dns', '10.96.0.20', { type: 'LoadBalancer', ports }, ['203.0.113.20']);
      await using plane = await PlaneChild.start(lab.node.namespace, options());
      const begin = await plane.apply([dns, endpoints(first)]);
      const load = Load.send(lab.host(from), address, port, 1_000);
      try {
        await one.reachedAfter(begin);
        const swapped = await plane.apply([endpoints(second)]);
        await two.reachedAfter(swapped);
        const none = await plane.apply([endpoints()]);
        await load.further(200);
        // A batch takes effect at some moment between its call and its return.
        const stillNone = process.hrtime.bigint();
        const some = await plane.apply([endpoints(first)]);
        await one.reachedAfter(some);
        const deleted = await plane.apply([gone('Service', 'dns')]);
        await load.further(200);
        const stillDeleted = process.hrtime.bigint();
        const again = await plane.apply([dns]);
        await one.reachedAfter(again);
        const last = await plane.apply([gone('EndpointSlice', 'dns-4')]);
        await load.further(200);
        const [ofOne, ofTwo] = [await one.got(), await two.got()];
        expect(BigInt(ofTwo.newest), 'the second endpoint, after it was removed').toBeLessThanOrEqual(none);
        expect(BigInt(ofOne.newest), 'the first endpoint, after it was removed').toBeLessThanOrEqual(last);
        const between = await one.sentBetween(swapped, stillNone);
        expect(between, 'the first endpoint, while it was removed').toBe(0);
        expect(await one.sentBetween(deleted, stillDeleted), 'while there was no Service').toBe(0);
        process.stdout.write(`${ofOne.datagrams + ofTwo.datagrams} datagrams to ${address}:${port}\n`);
      } finally {
        load.cut();
        one.cut();
        two.cut();
        await plane.close();
        await lab.node.must(['nft', 'flush', 'ruleset']);
      }
    },
    60_000,
  );
});
