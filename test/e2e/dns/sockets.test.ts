/** Several UDP sockets on one address, each with its own thread and cache, that answer alike. */
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createForwarder } from '../../../src/dns/index.ts';
import { eventually } from '../../../testing/eventually.ts';
import { addressed, FakeUpstream } from '../../support/dns-upstream.ts';
import { sets } from '../../support/objects.ts';
import { hear, query, TYPES, type UdpClient } from './client.ts';
import { Served } from './serve.ts';

const service = (name: string, address: string) => `apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { clusterIP: ${address}, ports: [{ name: http, port: 80 }] }
---
`;
const HEADLESS = `apiVersion: v1
kind: Service
metadata: { name: many }
spec: { clusterIP: None, ports: [{ name: http, port: 80 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: many-1, labels: { kubernetes.io/service-name: many } }
addressType: IPv4
ports: [{ name: http, port: 80 }]
endpoints: [{ addresses: [10.0.0.1] }, { addresses: [10.0.0.2] }, { addresses: [10.0.0.3] }]
---
`;
const WEB = 'web.default.svc.cluster.local';
/** An A record of the root, for an additional section. */
const ADDRESS_RECORD = Buffer.from([0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 192, 0, 2, 1]);
/** Client ports: so many that the kernel never gives one of two sockets all of them. */
const CLIENTS = 64;

let threads: Worker[];
const seen = (thread: Worker) => threads.push(thread);
let served: Served;
let clients: UdpClient[];
let lost: string[];

async function start(yaml: string | undefined, options: Parameters<typeof Served.start>[2] = {}): Promise<void> {
  served = await Served.start(yaml, {}, { sockets: 2, onSocketLost: why => lost.push(why), ...options });
  clients = Array.from({ length: CLIENTS }, () => served.udp());
}

beforeEach(() => {
  threads = [];
  lost = [];
  process.on('worker', seen);
});
afterEach(async () => {
  process.off('worker', seen);
  await served.close();
});

function all(name: string, type = 'A'): Promise<ReturnType<typeof hear>[]> {
  return Promise.all(clients.map(async client => hear(await client.ask(query(name, { type: TYPES[type] ?? 0 })))));
}

const totals = () => [...served.dns.statistics.counts()].reduce((sum, { total }) => sum + total, 0);

test('both sockets answer, and the statistics add their counts', async () => {
  await start(service('web', '10.96.0.1'));
  for (const { answers } of await all(WEB)) expect(answers).toEqual([`${WEB} A 10.96.0.1`]);
  const own = totals();
  expect(own).toBeGreaterThan(0);
  expect(own).toBeLessThan(CLIENTS);
  await served.dns.collect();
  expect(totals()).toBe(CLIENTS);
  await served.dns.collect();
  expect(totals()).toBe(CLIENTS);
  expect([...served.dns.statistics.durations.buckets].reduce((sum, count) => sum + count, 0)).toBe(CLIENTS);
});

test('both sockets answer with a change as soon as the update returns', async () => {
  await start(service('web', '10.96.0.1'));
  for (let round = 1; round <= 30; round++) {
    const address = `10.96.1.${round}`;
    served.take(sets(service('web', address)));
    const heard = await all(WEB);
    expect(new Set(heard.flatMap(({ answers }) => answers))).toEqual(new Set([`${WEB} A ${address}`]));
  }
  const gone = 'other.default.svc.cluster.local';
  expect(new Set((await all(gone)).map(({ rcode }) => rcode))).toEqual(new Set(['NXDOMAIN']));
  served.take(sets(service('other', '10.96.0.9')));
  expect(new Set((await all(gone)).map(({ rcode }) => rcode))).toEqual(new Set(['NOERROR']));
});

test('a query after a change sees it, even while equal queries from before wait', async () => {
  await start(service('web', '10.96.0.1'));
  for (let round = 1; round <= 30; round++) {
    const before = all(WEB);
    const address = `10.96.2.${round}`;
    served.take(sets(service('web', address)));
    const after = all(WEB);
    for (const { answers } of await after) expect(answers).toEqual([`${WEB} A ${address}`]);
    await before;
  }
});

test('every thread rotates addresses', async () => {
  await start(HEADLESS);
  const name = 'many.default.svc.cluster.local';
  const firsts = new Map<string, number>();
  for (const client of clients) {
    for (let asked = 0; asked < 3; asked++) {
      const { answers } = hear(await client.ask(query(name)));
      expect(answers).toHaveLength(3);
      firsts.set(answers[0] ?? '', (firsts.get(answers[0] ?? '') ?? 0) + 1);
    }
  }
  // Each thread rotates on its own, so that the counts may differ by an unfinished round in each.
  for (const count of firsts.values()) expect(Math.abs(count - CLIENTS)).toBeLessThanOrEqual(2);
  expect(firsts.size).toBe(3);
});

test('every socket keeps the case of each client, and rejects invalid queries', async () => {
  await start(service('web', '10.96.0.1'));
  await Promise.all(
    clients.map(async (client, index) => {
      const name = [...WEB].map((c, at) => ((index >> (at % 6)) & 1 ? c.toUpperCase() : c)).join('');
      const bytes = await client.ask(query(name, { edns: {} }));
      expect(hear(bytes).packet.questions?.[0]?.name).toBe(name);
      const { rcode } = hear(await client.ask(query(WEB, { class: 3 })));
      expect(rcode).toBe('REFUSED');
    }),
  );
});

test('every socket answers an EDNS query with an OPT record, and within the size that the client accepts', async () => {
  const pods = Array.from({ length: 60 }, (_, i) => `{ addresses: [10.0.1.${i + 1}] }`).join(', ');
  const large = HEADLESS.replace(/endpoints: .*/, `endpoints: [${pods}]`);
  await start(service('web', '10.96.0.10') + large);
  for (const [name, payload, truncated] of [
    [WEB, 1232, false],
    ['many.default.svc.cluster.local', 512, true],
    ['many.default.svc.cluster.local', 1232, false],
  ] as const) {
    const message = query(name, { edns: { payload, dnssecOk: true } });
    const answers = await Promise.all(clients.map(async client => hear(await client.ask(message))));
    expect(
      answers.filter(({ packet }) => !packet.additionals?.some(({ type }) => type === 'OPT')),
      name,
    ).toEqual([]);
    expect(
      answers.filter(({ tc }) => tc !== truncated),
      `${name} ${payload}`,
    ).toEqual([]);
  }
});

test('every socket answers a query whose only additional record is not an OPT', async () => {
  await start(service('web', '10.96.0.1'));
  const message = Buffer.concat([query(WEB), ADDRESS_RECORD]);
  message.writeUInt16BE(1, 10);
  const heard = await Promise.all(clients.map(async client => hear(await client.ask(message))));
  for (const { answers } of heard) expect(answers).toEqual([`${WEB} A 10.96.0.1`]);
});

test('every socket answers an EDNS query for a forwarded name with an OPT record', async () => {
  const upstream = await FakeUpstream.start();
  upstream.onQuery = addressed('192.0.2.1');
  const resolver = await createForwarder({ upstreams: [{ address: upstream.address, port: upstream.port }] });
  await start(service('web', '10.96.0.1'), { resolver });
  const message = query('www.example.org', { edns: {} });
  const heard = await Promise.all(clients.map(async client => hear(await client.ask(message))));
  for (const { answers, packet } of heard) {
    expect(answers).toEqual(['www.example.org A 192.0.2.1']);
    expect(packet.additionals?.map(({ type }) => type)).toEqual(['OPT']);
  }
  await upstream.close();
});

test('every socket answers SERVFAIL before the first update', async () => {
  await start(undefined);
  expect(new Set((await all(WEB)).map(({ rcode }) => rcode))).toEqual(new Set(['SERVFAIL']));
  served.take(sets(service('web', '10.96.0.1')));
  expect(new Set((await all(WEB)).map(({ rcode }) => rcode))).toEqual(new Set(['NOERROR']));
});

test('equal queries of all threads are forwarded once', async () => {
  const upstream = await FakeUpstream.start();
  upstream.onQuery = addressed('192.0.2.1');
  const resolver = await createForwarder({ upstreams: [{ address: upstream.address, port: upstream.port }] });
  await start(service('web', '10.96.0.1'), { resolver });
  for (const { answers, ra } of await all('www.example.org')) {
    expect([answers, ra]).toEqual([['www.example.org A 192.0.2.1'], true]);
  }
  expect(upstream.queries).toHaveLength(1);
  await upstream.close();
});

test('queries above the limit of a thread are dropped and counted, and later ones are answered', async () => {
  let release: () => void = () => undefined;
  const released = new Promise<void>(done => {
    release = done;
  });
  const answer = { rcode: 3, authenticated: false, message: undefined };
  const resolver = {
    resolve: () => released.then(() => answer),
    cached: () => undefined,
    close: async () => undefined,
  };
  await start(service('web', '10.96.0.1'), { resolver });
  let asked = 0;
  await eventually('questions to be dropped', async () => {
    for (const client of clients) for (let i = 0; i < 5; i++) client.send(query(`n${asked++}.example.org`));
    await served.dns.collect();
    return served.dns.statistics.dropped.overload > 0 ? true : undefined;
  });
  // Half of them came to the socket of the main thread, which takes 10,000.
  expect(asked).toBeLessThan(19_000);
  release();
  for (const { answers } of await all(WEB)) expect(answers).toEqual([`${WEB} A 10.96.0.1`]);
});

describe('on shutdown', () => {
  test('a thread that dies is reported, and the others continue', async () => {
    await start(service('web', '10.96.0.1'));
    await all(WEB);
    const [thread] = threads;
    if (thread === undefined) throw new Error('there is no thread');
    await thread.terminate();
    await eventually('the loss to be reported', () => lost[0]);
    for (const { answers } of await all(WEB)) expect(answers).toEqual([`${WEB} A 10.96.0.1`]);
    await served.dns.collect();
    expect(lost).toHaveLength(1);
  });

  test('close() ends the threads and frees the port', async () => {
    await start(service('web', '10.96.0.1'));
    const ended = threads.map(thread => once(thread, 'exit'));
    const place = served.place();
    await served.close();
    await Promise.all(ended);
    expect([threads.length, lost]).toEqual([1, []]);
    const next = new Served({}, {});
    await next.dns.listen([place]);
    await next.close();
  });
});
