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
import type { Sliced } from './in-slices.ts';
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

export function* compareSets(
  family: IpFamily,
  routes: readonly ProxiedRoute[],
  frontendsOf: (route: ProxiedRoute) => readonly PlacedFrontend[],
  found: Elements,
  settings: Settings,
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
  const fixed = fixedElements(family, settings);
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
