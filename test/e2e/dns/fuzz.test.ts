/**
 * For any input, the server does not crash, sends no malformed response, and does not amplify traffic.
 */
import { decode } from 'dns-packet';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { framed, hear, query } from './client.ts';
import { Served } from './serve.ts';
import { WORLD } from './world.ts';

const RUNS = Number(process.env.SWITCHBOARD_PROPERTY_RUNS ?? 5000);
const WEB = 'web.default.svc.cluster.local';

let served: Served;
beforeAll(async () => {
  served = await Served.start(WORLD);
});
afterAll(() => served.close());

/** Valid queries of all kinds, to corrupt. */
const CORPUS: readonly Buffer[] = [
  query(WEB),
  query(WEB, { edns: {} }),
  query(WEB, { type: 255 }),
  query('db.data.svc.cluster.local', { type: 33, edns: { payload: 4096, dnssecOk: true } }),
  query('_http._tcp.shared.data.svc.cluster.local', {
    type: 33,
    edns: { options: Buffer.from('000a00080102030405060708', 'hex') },
  }),
  query('10.0.96.10.in-addr.arpa', { type: 12 }),
  query('1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa', { type: 12 }),
  query('chain.default.svc.cluster.local'),
  query('2001-db8-2--5.apps.pod.cluster.local', { type: 28 }),
  query('cluster.local', { type: 2 }),
  query('cluster.local', { type: 252 }),
  query('example.org'),
  query('.'),
  query(`${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.cluster.local`),
];

type Mutation = readonly [kind: 'flip' | 'set' | 'cut' | 'insert' | 'repeat', at: number, value: number];

function mutated(message: Buffer, mutations: readonly Mutation[]): Buffer {
  let bytes = Buffer.from(message);
  for (const [kind, where, value] of mutations) {
    const at = bytes.length === 0 ? 0 : where % bytes.length;
    if (kind === 'flip' && bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << (value & 7));
    if (kind === 'set' && bytes.length > 0) bytes[at] = value;
    if (kind === 'cut') bytes = bytes.subarray(0, at);
    if (kind === 'insert') bytes = Buffer.concat([bytes.subarray(0, at), Buffer.of(value), bytes.subarray(at)]);
    if (kind === 'repeat') bytes = Buffer.concat([bytes, bytes.subarray(at)]);
  }
  return bytes;
}

const mutation: fc.Arbitrary<Mutation> = fc.tuple(
  fc.constantFrom('flip' as const, 'set' as const, 'cut' as const, 'insert' as const, 'repeat' as const),
  fc.nat(300),
  fc.nat(255),
);
const broken = fc
  .tuple(fc.constantFrom(...CORPUS), fc.array(mutation, { minLength: 1, maxLength: 6 }))
  .map(([message, mutations]) => mutated(message, mutations));
const noise = fc.uint8Array({ maxLength: 600 }).map(bytes => Buffer.from(bytes));
const packet = fc.oneof({ weight: 4, arbitrary: broken }, { weight: 1, arbitrary: noise });

test(`${RUNS} broken messages: each answer is one, and small`, async () => {
  await fc.assert(
    fc.asyncProperty(packet, async message => {
      const before = Buffer.from(message);
      const answer = await served.dns.responder.respond(message, 'udp');
      expect(message, 'the message is left as it came').toEqual(before);
      if (answer === undefined) return;
      expect(message.length).toBeGreaterThanOrEqual(12);
      expect(answer.length).toBeLessThanOrEqual(Math.max(10 * message.length, 12));
      expect(answer.readUInt16BE(0)).toBe(message.readUInt16BE(0));
      expect(answer.readUInt16BE(2) & 0x8000).toBe(0x8000);
      decode(answer);
    }),
    { numRuns: RUNS },
  );
});

test('the server still answers after malformed messages over sockets', async () => {
  const udp = served.udp();
  const messages = fc.sample(packet, { numRuns: 300, seed: 7 });
  for (const message of messages) udp.send(message);
  expect(hear(await udp.ask(query(WEB))).answers).toHaveLength(1);
  for (const message of messages.slice(0, 60)) {
    const tcp = served.tcp();
    tcp.write(framed(message));
    tcp.write(message);
    tcp.close();
  }
  const good = served.tcp();
  for (const message of messages) good.write(framed(message));
  good.write(framed(query(WEB, { id: 0xfeed })));
  for (;;) {
    const answer = await good.next();
    if (answer.readUInt16BE(0) === 0xfeed && hear(answer).answers.length === 1) break;
  }
});

test('the server handles messages of the maximum size', async () => {
  const tcp = served.tcp();
  tcp.write(framed(Buffer.alloc(65_535, 1)));
  tcp.write(framed(Buffer.concat([query(WEB, { edns: {} }), Buffer.alloc(60_000)])));
  const answers = [hear(await tcp.next()), hear(await tcp.next())];
  expect(answers[1]?.answers).toHaveLength(1);
});
