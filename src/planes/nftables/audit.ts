/**
 * What `verify` compares beside the ways in (`view.ts`): the sets that routes share, and the rules of the chains.
 *
 * @module
 */
import type { IpFamily } from '../../kube/protocol.ts';
import type { ProxiedRoute } from '../../routing/index.ts';
import type { PlacedFrontend } from './addresses.ts';
import { chainRules, parseChainName } from './chains.ts';
import { CHAINS, type Elements } from './edits.ts';
import { fixedElements } from './fixed.ts';
import { tableOf } from './layout.ts';
import { localAddresses } from './programme.ts';
import type { Settings } from './settings.ts';
import { ruleCounts, type Skeleton } from './skeleton.ts';
import type { Difference } from './view.ts';

export function noTable(family: IpFamily, found: 'absent' | 'foreign'): Difference {
  return {
    family,
    where: `table ${tableOf(family)}`,
    what: 'table',
    expected: 'as this version makes it with these settings',
    found: found === 'absent' ? 'none' : 'one that another version or other settings made, or that was edited',
  };
}

export function compareSets(
  family: IpFamily,
  routes: readonly ProxiedRoute[],
  frontendsOf: (route: ProxiedRoute) => readonly PlacedFrontend[],
  found: Elements,
  settings: Settings,
): Difference[] {
  const expected: [string, Set<string>][] = [
    [
      'cluster_ips',
      new Set(routes.flatMap(r => frontendsOf(r).flatMap(f => (f.kind === 'clusterIP' ? f.address : [])))),
    ],
    ['hairpin', new Set(routes.flatMap(route => [...localAddresses(route)].map(address => `${address} . ${address}`)))],
  ];
  const fixed = fixedElements(family, settings);
  for (const set of ['pod_networks', 'service_networks', 'node_addresses']) {
    expected.push([set, new Set(fixed.flatMap(element => (element.set === set ? element.key : [])))]);
  }
  return expected.flatMap(([set, keys]) => {
    const there = new Set(found.get(set)?.keys() ?? []);
    const missing = [...keys].filter(key => !there.has(key));
    const extra = [...there].filter(key => !keys.has(key));
    return [
      ...missing.map(key => ({ family, where: `${set} ${key}`, what: 'element', expected: 'there', found: 'missing' })),
      ...extra.map(key => ({ family, where: `${set} ${key}`, what: 'element', expected: 'none', found: 'there' })),
    ];
  });
}

export function compareRules(
  skeleton: Skeleton,
  found: Elements,
  counts: ReadonlyMap<string, number>,
  settings: Settings,
): Difference[] {
  const { family } = skeleton;
  const expected = ruleCounts(skeleton);
  for (const name of found.get(CHAINS)?.keys() ?? []) {
    const spec = parseChainName(name);
    if (spec !== undefined) expected.set(name, chainRules(family, spec, settings).length);
  }
  return [...expected].flatMap(([name, count]) => {
    const there = counts.get(name) ?? 0;
    if (there === count) return [];
    return [{ family, where: `chain ${name}`, what: 'rules', expected: String(count), found: String(there) }];
  });
}
