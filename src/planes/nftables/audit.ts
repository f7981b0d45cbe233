/**
 * What `verify` compares in addition to the VIP entries (`view.ts`): the sets that routes share, and the rules of chains.
 *
 * @module
 */
import type { IpFamily } from '../../net/index.ts';
import type { ProxiedRoute } from '../../routing/index.ts';
import type { PlacedFrontend } from './addresses.ts';
import { chainRules, parseChainName } from './chains.ts';
import { fixedElements } from './fixed.ts';
import type { Sliced } from './in-slices.ts';
import { tableOf } from './layout.ts';
import type { ResolvedOptions } from './options.ts';
import { localAddresses } from './route-program.ts';
import { ruleCounts, type Skeleton } from './skeleton.ts';
import { CHAINS, type Elements } from './table-delta.ts';
import type { Difference } from './view.ts';

export function noTable(family: IpFamily, found: 'absent' | 'mismatch'): Difference {
  return {
    family,
    where: `table ${tableOf(family)}`,
    what: 'table',
    expected: 'as this version makes it with these options',
    found: found === 'absent' ? 'none' : 'one that another version or other options made, or that was edited',
  };
}

export function* compareSets(
  family: IpFamily,
  routes: readonly ProxiedRoute[],
  frontendsOf: (route: ProxiedRoute) => readonly PlacedFrontend[],
  found: Elements,
  options: ResolvedOptions,
): Sliced<Difference[]> {
  const clusterIps = new Set<string>();
  const hairpin = new Set<string>();
  for (const route of routes) {
    yield;
    for (const frontend of frontendsOf(route)) if (frontend.kind === 'clusterIP') clusterIps.add(frontend.address);
    for (const address of localAddresses(route)) hairpin.add(`${address} . ${address}`);
  }
  const expected: [string, Set<string>][] = [
    ['cluster_ips', clusterIps],
    ['hairpin', hairpin],
  ];
  const fixed = fixedElements(family, options);
  for (const set of ['pod_networks', 'service_networks', 'node_addresses']) {
    expected.push([set, new Set(fixed.flatMap(element => (element.set === set ? element.key : [])))]);
  }
  const differences: Difference[] = [];
  for (const [set, keys] of expected) {
    const there = found.get(set) ?? new Map<string, string>();
    for (const key of keys) {
      yield;
      if (there.has(key)) continue;
      differences.push({ family, where: `${set} ${key}`, what: 'element', expected: 'there', found: 'missing' });
    }
    for (const key of there.keys()) {
      yield;
      if (keys.has(key)) continue;
      differences.push({ family, where: `${set} ${key}`, what: 'element', expected: 'none', found: 'there' });
    }
  }
  return differences;
}

export function compareRules(
  skeleton: Skeleton,
  found: Elements,
  counts: ReadonlyMap<string, number>,
  options: ResolvedOptions,
): Difference[] {
  const { family } = skeleton;
  const expected = ruleCounts(skeleton);
  for (const name of found.get(CHAINS)?.keys() ?? []) {
    const spec = parseChainName(name);
    if (spec !== undefined) expected.set(name, chainRules(family, spec, options).length);
  }
  return [...expected].flatMap(([name, count]) => {
    const there = counts.get(name) ?? 0;
    if (there === count) return [];
    return [{ family, where: `chain ${name}`, what: 'rules', expected: String(count), found: String(there) }];
  });
}
