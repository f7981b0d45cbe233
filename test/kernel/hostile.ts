/**
 * Objects and settings full of nft syntax. Runs inside a network namespace of its own (`hostile.test.ts`); on a failure
 * it prints the smallest failing case and exits with code 1.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { SwitchboardError } from '../../src/errors.ts';
import { readObject } from '../../src/kube/read/index.ts';
import { createNftablesPlane, type LocalTraffic, type NftablesOptions } from '../../src/planes/nftables/index.ts';
import type { ProxiedRoute } from '../../src/routing/index.ts';
import { applyAll } from '../support/apply-all.ts';
import { changesOf, routesOf, SIX, service, slice, stickyFor } from './manifests.ts';

const SENTINEL = `table inet sentinel {
  set s { type ipv4_addr; elements = { 192.0.2.77 }; }
  chain c { type filter hook input priority 0; policy accept; counter comment "untouched"; }
}
`;

const POISON = [
  '; flush ruleset',
  '\nflush ruleset\n',
  '} ; delete table inet sentinel ; {',
  '"; delete table inet sentinel; "',
  "'$(nft flush ruleset)'",
  '{ 10.0.0.1 : drop }',
  '# ',
  '\\',
  '\0',
  '@cluster_ips',
  'include "/dev/stdin"',
  '*',
];
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...POISON), fc.string({ maxLength: 8, unit: 'binary' })), {
    minLength: 1,
    maxLength: 3,
  })
  .map(parts => parts.join(''));

/** Routes with arbitrary names, which reach every map. */
const routes = fc.record({ key: hostile, service: hostile, namespace: hostile, name: hostile, portName: hostile });

const manifest = fc.record({
  apiVersion: fc.constant('v1'),
  kind: fc.constant('Service'),
  metadata: fc.record({ name: hostile, namespace: hostile, labels: fc.dictionary(hostile, hostile, { maxKeys: 2 }) }),
  spec: fc.record({
    clusterIP: fc.oneof(fc.constant('10.96.7.7'), hostile),
    selector: fc.dictionary(hostile, hostile, { maxKeys: 2 }),
    externalIPs: fc.array(fc.oneof(fc.constant('192.0.2.50'), hostile), { maxLength: 2 }),
    loadBalancerSourceRanges: fc.array(fc.oneof(fc.constant('10.0.0.0/8'), hostile), { maxLength: 2 }),
    externalName: hostile,
    ports: fc.array(fc.record({ name: hostile, port: fc.integer({ min: 1, max: 65_535 }), targetPort: hostile }), {
      minLength: 1,
      maxLength: 2,
    }),
  }),
});

const localTraffic: fc.Arbitrary<LocalTraffic> = fc.oneof(
  fc.record({ kind: fc.constant('bridge' as const), name: hostile }),
  fc.record({ kind: fc.constant('interfacePrefix' as const), prefix: hostile }),
);

function nft(text: string): string {
  const { status, stdout, stderr } = spawnSync('nft', [text], { encoding: 'utf8' });
  return status === 0 ? stdout : `failed: ${stderr}`;
}

const ruleset = () => nft('list table inet sentinel').replace(/packets \d+ bytes \d+/g, '');
const runs = Number(process.argv[2] ?? 50);
nft(SENTINEL);
const untouched = ruleset();
if (!untouched.includes('192.0.2.77')) throw new Error(untouched);

const base: ProxiedRoute[] = routesOf([
  service(
    'a',
    '10.96.0.1',
    { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [{ port: 80, nodePort: 30_080 }] },
    ['203.0.113.1'],
  ),
  slice('a', ['10.0.0.1', '10.0.0.2']),
  service('b', '10.96.0.2', stickyFor(9)),
  slice('b', ['10.0.0.3']),
  service('c', 'fd00:96::1', SIX),
  slice('c', ['fd00::1']),
]);

let applied = 0;
let refused = 0;

async function holds(
  options: Partial<NftablesOptions>,
  work: (plane: Awaited<ReturnType<typeof createNftablesPlane>>) => Promise<void>,
) {
  const plane = await createNftablesPlane({ nodeAddresses: ['192.0.2.1', 'fd00:2::1'], watchMs: 0, ...options });
  try {
    await work(plane);
    const differences = await plane.verify();
    if (differences.length > 0) throw new Error(JSON.stringify(differences));
    const now = ruleset();
    if (now !== untouched) throw new Error(`the other table is now\n${now}`);
  } finally {
    await plane.close();
  }
}

await fc.assert(
  fc.asyncProperty(fc.array(routes, { minLength: base.length, maxLength: base.length }), async names => {
    await holds({}, async plane => {
      const poisoned = base.map((route, i) => ({ ...route, ...names[i], key: `${names[i]?.key}${i}` }));
      await applyAll(
        plane,
        poisoned.map(route => ({ type: 'set', route })),
      );
      applied += poisoned.length;
    });
  }),
  { numRuns: runs },
);
await fc.assert(
  fc.asyncProperty(fc.array(manifest, { minLength: 1, maxLength: 4 }), async manifests => {
    await holds({ assignCidrs: [{ family: 'IPv4', network: '10.97.0.0', prefix: 16 }] }, async plane => {
      const events = manifests.flatMap(object => {
        const outcome = readObject(object, { primaryFamily: 'IPv4', defaultNamespace: 'default' });
        return outcome.status === 'read' ? [{ type: 'set' as const, object: outcome.object }] : [];
      });
      await applyAll(plane, changesOf(events));
      applied += events.length;
      refused += manifests.length - events.length;
    });
  }),
  { numRuns: runs },
);
await fc.assert(
  fc.asyncProperty(localTraffic, async traffic => {
    try {
      await holds({ localTraffic: traffic }, async plane => {
        const { failure } = await plane.apply(base.map(route => ({ type: 'set', route })));
        if (failure === undefined) applied++;
        else {
          refused++;
          if (ruleset() !== untouched) throw new Error('the other table has changed');
        }
      });
    } catch (error) {
      if (!SwitchboardError.is(error)) throw error;
      refused++;
      if (ruleset() !== untouched) throw new Error('the other table has changed');
    }
  }),
  { numRuns: runs },
);
process.stdout.write(
  `${3 * runs} cases: ${applied > 0 ? 'some' : 'none'} taken, ${refused > 0 ? 'some' : 'none'} refused\n`,
);
process.stderr.write(`${applied} taken, ${refused} refused\n`);
