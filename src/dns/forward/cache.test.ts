import type { Answer } from 'dns-packet';
import { afterEach, expect, test } from 'vitest';
import { wireName } from '../../../test/e2e/dns/client.ts';
import { type AnswerParts, answerTo, FakeUpstream, recordsOf } from '../../../test/support/dns-upstream.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import type { ForwardedAnswer, ForwardQuestion } from '../resolver.ts';
import { createForwarder, type Forwarder } from './forwarder.ts';
import type { ForwarderOptions } from './options.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const it of open.splice(0).reverse()) await it.close();
});

/** A forwarder with one upstream, which answers from the table. */
async function before(
  table: Readonly<Record<string, AnswerParts>>,
  settings: Partial<ForwarderOptions> = {},
): Promise<{ it: Forwarder; clock: ManualClock; server: FakeUpstream }> {
  const clock = new ManualClock();
  const server = await FakeUpstream.start(query => {
    const parts = table[query.name];
    if (parts !== undefined) query.send(answerTo(query, parts));
  });
  open.push(server);
  const it = await createForwarder({ clock, upstreams: [server], ...settings });
  open.push(it);
  return { it, clock, server };
}

function question(name: string, more: Partial<ForwardQuestion> = {}): ForwardQuestion {
  return { name: wireName(name), type: 1, dnssecOk: false, checkingDisabled: false, ...more };
}

const a = (name: string, ttl: number, data = '192.0.2.1'): Answer => ({ name, type: 'A', class: 'IN', ttl, data });
const soa = (ttl: number, minimum: number): Answer => ({
  name: 'example',
  type: 'SOA',
  class: 'IN',
  ttl,
  data: { mname: 'ns.example', rname: 'who.example', serial: 1, refresh: 1, retry: 1, expire: 1, minimum },
});

function ttls(answer: ForwardedAnswer | undefined): (number | undefined)[] | undefined {
  return answer && recordsOf(answer).answers.map(record => (record.type === 'OPT' ? undefined : record.ttl));
}

test('an answer is cached for its smallest TTL, and its TTLs count down', async () => {
  const table = { 'w.example': { answers: [a('w.example', 300), a('w.example', 30, '192.0.2.2')] } };
  const { it, clock, server } = await before(table);
  expect(it.cached(question('w.example'))).toBe(undefined);
  expect(ttls(await it.resolve(question('w.example')))).toEqual([300, 30]);
  clock.advance(10_900);
  expect(ttls(it.cached(question('W.example')))).toEqual([290, 20]);
  clock.advance(19_099);
  expect(ttls(await it.resolve(question('w.example')))).toEqual([271, 1]);
  clock.advance(1);
  expect(it.cached(question('w.example'))).toBe(undefined);
  await it.resolve(question('w.example'));
  expect(server.queries).toHaveLength(2);
  expect(it.metrics()).toMatchObject({ cacheHits: 2, cacheMisses: 2, cacheEntries: 1 });
});

test('TTLs are limited to an hour', async () => {
  const table = { 'long.example': { answers: [a('long.example', 86_400)] }, 'short.example': { answers: [a('s', 1)] } };
  const { it } = await before(table);
  expect(ttls(await it.resolve(question('long.example')))).toEqual([3600]);
  expect(ttls(await it.resolve(question('short.example')))).toEqual([1]);
});

test('questions with another type, DO or CD are not equal', async () => {
  const { it, server } = await before({ 'w.example': { answers: [a('w.example', 300)] } });
  await it.resolve(question('w.example'));
  for (const more of [{ type: 28 }, { dnssecOk: true }, { checkingDisabled: true }]) {
    await it.resolve(question('w.example', more));
  }
  expect(server.queries).toHaveLength(4);
});

test.each<[what: string, parts: AnswerParts, type: number, seconds: number]>([
  ['NXDOMAIN by its SOA', { rcode: 3, authorities: [soa(50, 40)] }, 1, 40],
  ['NXDOMAIN by the TTL of its SOA', { rcode: 3, authorities: [soa(20, 40)] }, 1, 20],
  ['NXDOMAIN, at most 60 seconds', { rcode: 3, authorities: [soa(900, 900)] }, 1, 60],
  ['NXDOMAIN without SOA not at all', { rcode: 3 }, 1, 0],
  ['no such type', { authorities: [soa(50, 40)] }, 1, 40],
  [
    'an alias to nothing',
    { answers: [{ name: 'n.example', type: 'CNAME', ttl: 30, data: 'x' }], authorities: [soa(50, 40)] },
    1,
    30,
  ],
  ['an alias that was asked for', { answers: [{ name: 'n.example', type: 'CNAME', ttl: 300, data: 'x' }] }, 5, 300],
  ['a referral not at all', { authorities: [{ name: 'example', type: 'NS', ttl: 300, data: 'ns.example' }] }, 1, 0],
  ['SERVFAIL for five seconds', { rcode: 2 }, 1, 5],
  ['REFUSED not at all', { rcode: 5 }, 1, 0],
  ['a TTL of 0 not at all', { answers: [a('n.example', 0)] }, 1, 0],
])('%s', async (_what, parts, type, seconds) => {
  const { it, clock } = await before({ 'n.example': parts });
  const asked = question('n.example', { type });
  const first = await it.resolve(asked);
  if (seconds > 0) {
    clock.advance(seconds * 1000 - 1);
    expect(it.cached(asked)?.rcode).toBe(first.rcode);
    clock.advance(1);
  }
  expect(it.cached(asked)).toBe(undefined);
});

test('the SOA of a negative answer has the TTL that it is cached for', async () => {
  const { it } = await before({ 'n.example': { rcode: 3, authorities: [soa(900, 900)] } });
  expect(recordsOf(await it.resolve(question('n.example'))).authorities).toMatchObject([{ type: 'SOA', ttl: 60 }]);
});

test('an expired answer serves for an hour if no upstream responds, with a reason', async () => {
  const table: Record<string, AnswerParts> = { 'w.example': { answers: [a('w.example', 60)] } };
  const { it, clock, server } = await before(table);
  await it.resolve(question('w.example'));
  table['w.example'] = { rcode: 2 };
  clock.advance(3_000_000);
  const stale = await it.resolve(question('w.example'));
  expect(stale).toMatchObject({ rcode: 0, extendedError: { code: 3 } });
  expect(ttls(stale)).toEqual([30]);
  // Upstreams are not queried again for some seconds.
  expect(ttls(it.cached(question('w.example')))).toEqual([30]);
  expect(server.queries).toHaveLength(2);
  clock.advance(660_000);
  expect(await it.resolve(question('w.example'))).toMatchObject({ rcode: 2 });
  expect(it.metrics().stale).toBe(1);
});

test('a new answer replaces a stale one', async () => {
  const table: Record<string, AnswerParts> = { 'w.example': { answers: [a('w.example', 60)] } };
  const { it, clock } = await before(table);
  await it.resolve(question('w.example'));
  table['w.example'] = { rcode: 2 };
  clock.advance(60_000);
  await it.resolve(question('w.example'));
  table['w.example'] = { answers: [a('w.example', 60, '192.0.2.9')] };
  clock.advance(5000);
  expect(recordsOf(await it.resolve(question('w.example'))).answers).toMatchObject([{ data: '192.0.2.9' }]);
});

test('entries and bytes are limited, and the least recently used entry is dropped first', async () => {
  const names = ['a.example', 'b.example', 'c.example'];
  const table = Object.fromEntries(names.map(name => [name, { answers: [a(name, 60)] }]));
  const few = await before(table, { cacheEntries: 2 });
  await few.it.resolve(question('a.example'));
  await few.it.resolve(question('b.example'));
  few.clock.advance(1000);
  few.it.cached(question('a.example'));
  await few.it.resolve(question('c.example'));
  expect(names.map(name => few.it.cached(question(name)) !== undefined)).toEqual([true, false, true]);

  const small = await before(table, { cacheBytes: 2000 });
  for (const name of names) await small.it.resolve(question(name));
  expect(small.it.metrics()).toMatchObject({ cacheEntries: 2 });
  expect(small.it.metrics().cacheBytes).toBeLessThanOrEqual(2000);
  expect(small.it.cached(question('c.example'))).toBeDefined();
});
