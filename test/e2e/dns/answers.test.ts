/**
 * Queries every row of the tables over UDP and TCP, IPv4 and IPv6, from a server on real sockets.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANSWERS } from './answers-table.ts';
import { type Heard, hear, query, TYPES } from './client.ts';
import { OWNED } from './owned-table.ts';
import { Served } from './serve.ts';
import { WORLD } from './world.ts';

const ZONE = 'cluster.local';
let plain: Served;
let owned: Served;
beforeAll(async () => {
  plain = await Served.start(WORLD);
  owned = await Served.start(WORLD, {
    zones: [ZONE, 'example.test', '96.10.in-addr.arpa', 'd.f.ip6.arpa'],
    namespaces: ['default', 'apps'],
    pods: 'insecure',
    ignoreEmptyServices: true,
    endpointPodNames: true,
  });
});
afterAll(async () => {
  await plain.close();
  await owned.close();
});

interface Row {
  readonly asked: string;
  readonly type: string;
  readonly expected: string;
}

function rowsOf(text: string): Row[] {
  const lines = text.split('\n').map(line => line.trim());
  return lines
    .filter(line => line !== '')
    .map(line => {
      const [question = '', expected = ''] = line.replace(/\bZ\b/g, ZONE).split(' => ');
      const [asked = '', type = ''] = question.split(' ');
      return { asked, type, expected };
    });
}

/** The expectation of a row in the form of `Heard`. */
function meaning({ asked, expected }: Row) {
  const owner = asked.toLowerCase();
  const record = (text: string) => (/^[A-Z]+ /.test(text) ? `${owner} ${text}` : text);
  const negative = /^(.*?) ?(NODATA|NXDOMAIN)(?: of (\S+))?$/.exec(expected);
  if (negative !== null) {
    const [, aliases = '', word, zone = ZONE] = negative;
    return {
      rcode: word === 'NODATA' ? 'NOERROR' : 'NXDOMAIN',
      aa: true,
      answers: aliases === '' ? [] : [record(aliases)],
      authorities: [`${zone} SOA ns.dns.${zone} hostmaster.${zone}`],
      additionals: [],
    };
  }
  if (expected === 'REFUSED') return { rcode: 'REFUSED', aa: false, answers: [], authorities: [], additionals: [] };
  const [answers = '', additionals = ''] = expected.split(' + ');
  return {
    rcode: 'NOERROR',
    aa: true,
    answers: answers.split(', ').map(record).sort(),
    authorities: [],
    additionals: additionals === '' ? [] : additionals.split(', ').sort(),
  };
}

function compared({ rcode, aa, answers, authorities, additionals }: Heard) {
  return { rcode, aa, answers: [...answers].sort(), authorities, additionals: [...additionals].sort() };
}

async function askEverywhere(served: Served, row: Row): Promise<void> {
  const type = TYPES[row.type] ?? 0;
  const plainQuestion = query(row.asked, { type });
  const message = query(row.asked, { type, edns: {} });
  const expected = meaning(row);
  for (const family of ['IPv4', 'IPv6'] as const) {
    const udp = hear(await served.udp(family).ask(message));
    expect(udp.tc, 'whole').toBe(false);
    expect(compared(udp), `UDP, ${family}`).toEqual(expected);
    const tcp = hear(await served.tcp(family).ask(message));
    // Over TCP, ANY returns all records.
    if (row.type !== 'ANY') expect(compared(tcp), `TCP, ${family}`).toEqual(expected);
  }
  const again = hear(await served.udp().ask(plainQuestion));
  if (!again.tc) expect(compared(again), 'without EDNS').toEqual(expected);
}

describe.each(Object.entries(ANSWERS))('%s', (_title, text) => {
  test.each(rowsOf(text))('$asked $type', row => askEverywhere(plain, row));
});

describe.each(Object.entries(OWNED))('options: %s', (_title, text) => {
  test.each(rowsOf(text))('$asked $type', row => askEverywhere(owned, row));
});

describe('with pods disabled', () => {
  let served: Served;
  beforeAll(async () => {
    served = await Served.start(WORLD, { pods: 'disabled' });
  });
  afterAll(() => served.close());
  test.each([
    { asked: `10-2-1-5.apps.pod.${ZONE}`, type: 'A', expected: 'NXDOMAIN' },
    { asked: `apps.pod.${ZONE}`, type: 'A', expected: 'NXDOMAIN' },
    { asked: `pod.${ZONE}`, type: 'A', expected: 'NODATA' },
  ])('$asked', row => askEverywhere(served, row));
});

test('PTR lists headless Services before Services with a cluster IP', async () => {
  const { answers } = hear(await plain.udp().ask(query('10.0.2.10.in-addr.arpa', { type: TYPES.PTR ?? 0 })));
  expect(answers.at(-1)).toBe(`10.0.2.10.in-addr.arpa PTR 10-2-0-10.mysql-read.sql.svc.${ZONE}`);
});

test('ANY returns all records of a name over TCP', async () => {
  const { answers } = hear(await plain.tcp().ask(query(`dual.default.svc.${ZONE}`, { type: TYPES.ANY ?? 0 })));
  expect(answers.map(answer => answer.split(' ')[1]).sort()).toEqual(['A', 'AAAA', 'SRV']);
});

test('rotates the addresses of a headless Service', async () => {
  const client = plain.udp();
  const firsts = new Set<string | undefined>();
  for (let i = 0; i < 12; i++) firsts.add(hear(await client.ask(query(`shared.data.svc.${ZONE}`))).answers[0]);
  expect(firsts.size).toBe(6);
});

test('records have a TTL of 5 s, and only the version a longer one', async () => {
  const client = plain.udp();
  const ttls = async (name: string, type: string) => {
    const { packet } = hear(await client.ask(query(name, { type: TYPES[type] ?? 0 })));
    return [...(packet.answers ?? []), ...(packet.authorities ?? [])].map(r => ('ttl' in r ? r.ttl : undefined));
  };
  expect(await ttls(`web.default.svc.${ZONE}`, 'A')).toEqual([5]);
  expect(await ttls(`web.default.svc.${ZONE}`, 'TXT')).toEqual([5]);
  expect(await ttls(`dns-version.${ZONE}`, 'TXT')).toEqual([28_800]);
});

test('keeps the case of a CNAME target', async () => {
  const { answers } = hear(await plain.udp().ask(query(`OUT.default.svc.${ZONE}`)));
  expect(answers).toEqual([`out.default.svc.${ZONE} CNAME www.example.org`]);
});
