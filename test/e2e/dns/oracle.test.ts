/**
 * Compares a thousand random names with the naive oracle: names of the zone, similar names, and names that do not exist.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { objects } from '../../support/objects.ts';
import { hear, query, TYPES } from './client.ts';
import { Oracle } from './oracle.ts';
import { Served } from './serve.ts';
import { WORLD } from './world.ts';

const ZONE = 'cluster.local';
const RUNS = Number(process.env.SWITCHBOARD_PROPERTY_RUNS ?? 1000);

/** Leaves out Services whose slices come from pods, which have their own oracles. */
const world = objects(WORLD).filter(object => object.meta.namespace !== 'sql');
const oracle = new Oracle(world, ZONE);
let served: Served;
beforeAll(async () => {
  served = await Served.start(undefined);
  served.take(world.map(object => ({ type: 'set', object })));
});
afterAll(() => served.close());

const owners = [...new Set(oracle.records.map(record => record.owner))].filter(owner => owner.endsWith(ZONE));
const labels = [
  ...new Set(owners.flatMap(owner => owner.split('.'))),
  '*',
  '_',
  'x',
  '10-1-0-9',
  'no-such',
  '_ftp',
  'nowhere',
];
const label = fc.constantFrom(...labels);
const type = fc.constantFrom('A', 'AAAA', 'SRV', 'CNAME', 'TXT', 'PTR', 'SOA', 'NS', 'HTTPS', 'MX');

/** A name of the zone with a label added, removed or replaced. */
const close = fc
  .tuple(fc.constantFrom(...owners), fc.nat(8), label, fc.constantFrom('none', 'more', 'less', 'other'))
  .map(([owner, at, other, how]) => {
    const parts = owner.slice(0, -ZONE.length - 1).split('.');
    const index = at % (parts.length + 1);
    if (how === 'more') parts.splice(index, 0, other);
    if (how === 'less') parts.splice(index, 1);
    if (how === 'other') parts.splice(index, 1, other);
    return [...parts.filter(part => part !== ''), ZONE].join('.');
  });
const any = fc.array(label, { maxLength: 6 }).map(parts => [...parts, ZONE].join('.'));
const shaped = fc.tuple(label, label, fc.constantFrom('svc', 'pod')).map(parts => [...parts, ZONE].join('.'));
const name = fc.oneof({ weight: 3, arbitrary: close }, any, shaped).filter(text => text.length < 240);

/** Random case, as resolvers with 0x20 send it. */
function inSomeCase(text: string, chance: number): string {
  return [...text].map((letter, index) => ((chance >> (index % 31)) & 1 ? letter.toUpperCase() : letter)).join('');
}

test(`${RUNS} random names are answered as the specification says`, async () => {
  const client = served.udp();
  const tcp = served.tcp();
  await fc.assert(
    fc.asyncProperty(name, type, fc.nat(), fc.boolean(), async (asked, wanted, chance, overTcp) => {
      const message = query(inSomeCase(asked, chance), { type: TYPES[wanted] ?? 0, edns: { payload: 1232 } });
      const heard = hear(await (overTcp ? tcp : client).ask(message));
      const answers = heard.answers.map(text => text.replace(/ SRV (\d+) (\d+) /, ' SRV ').toLowerCase()).sort();
      const expected = oracle.answer(asked, wanted);
      expect({ rcode: heard.rcode, answers }).toEqual({
        rcode: expected.rcode,
        answers: expected.answers.map(text => text.toLowerCase()),
      });
      expect(heard.aa).toBe(true);
      const negative = heard.answers.length === 0 || heard.rcode === 'NXDOMAIN';
      expect(heard.authorities).toEqual(negative ? [`${ZONE} SOA ns.dns.${ZONE} hostmaster.${ZONE}`] : []);
    }),
    { numRuns: RUNS },
  );
});
