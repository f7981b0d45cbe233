import type { ProxiedRoute } from '../../routing/index.ts';
import type { PlacedFrontend } from './addresses.ts';
import { numberOf } from './chain-numbers.ts';
import { parseChainName } from './chains.ts';
import { classId } from './elements.ts';
import { type LookupMap, mapName, STICKY_MARK } from './layout.ts';
import { type Before, NOTHING_BEFORE, type VipEntry, vipEntryOf } from './route-program.ts';
import type { Elements } from './table-delta.ts';

/** The slots and ids of a route in a table found in the kernel, so that a restart moves no endpoint. */
export function seedFrom(elements: Elements, route: ProxiedRoute, frontends: readonly PlacedFrontend[]): Before {
  const entries = frontends.map(frontend => vipEntryOf(route, frontend));
  const cluster = entries.find(entry => entry.kind === 'cluster');
  const outer = entries.find(entry => entry.kind !== 'cluster');
  const stickyIds = new Map<string, number>();
  const slotsOf = (entry: VipEntry | undefined, prefix: '' | 'outside_') =>
    entry === undefined ? [] : slots(elements, entry, prefix, stickyIds);
  const first = cluster ?? outer;
  const id = first === undefined ? undefined : elements.get(mapName(first.lookup, 'sticky_services'))?.get(first.key);
  const internal = slotsOf(cluster, '');
  const main = slotsOf(outer, '');
  return {
    ...NOTHING_BEFORE,
    internal,
    external: outer === undefined ? internal : outer.kind === 'local' ? slotsOf(outer, 'outside_') : main,
    fromCluster: outer === undefined ? internal : main,
    stickyId: id === undefined ? undefined : numberOf(id),
    stickyIds,
  };
}

/** The ids in use in any sticky map. */
export function idsIn(elements: Elements): number[] {
  const ids: number[] = [];
  for (const lookup of ['service', 'node'] as const) {
    for (const id of elements.get(mapName(lookup, 'sticky_services'))?.values() ?? []) ids.push(numberOf(id));
    for (const name of ['sticky_slots', 'outside_sticky_slots'] as const) {
      for (const mark of elements.get(mapName(lookup, name))?.values() ?? []) ids.push(idOf(mark));
    }
  }
  return ids;
}

function slots(
  elements: Elements,
  { lookup, key }: VipEntry,
  prefix: '' | 'outside_',
  stickyIds: Map<string, number>,
): (string | undefined)[] {
  const at = (name: LookupMap) => elements.get(mapName(lookup, name));
  const number = at(`${prefix}frontends`)?.get(key);
  const verdict =
    number === undefined ? undefined : elements.get(prefix === '' ? 'dispatch' : 'outside_dispatch')?.get(number);
  const spec = verdict === undefined ? undefined : parseChainName(verdict.replace(/^goto /, ''));
  if (spec === undefined) return [];
  return Array.from({ length: spec.count }, (_, slot) => {
    const place = `${classId(slot)} . ${key}`;
    if (spec.sticky === undefined) return at(`${prefix}endpoints`)?.get(place);
    const mark = at(`${prefix}sticky_slots`)?.get(place);
    const endpoint = mark === undefined ? undefined : at(`${prefix}sticky_endpoints`)?.get(`${mark} . ${key}`);
    if (mark !== undefined && endpoint !== undefined) stickyIds.set(endpoint, idOf(mark));
    return endpoint;
  });
}

function idOf(mark: string): number {
  return (Number(mark) ^ STICKY_MARK) >>> 0;
}
