import type { ProxiedRoute } from '../../routing/index.ts';
import type { PlacedFrontend } from './addresses.ts';
import { numberOf } from './chain-numbers.ts';
import { parseChainName } from './chains.ts';
import type { Elements } from './edits.ts';
import { classId } from './elements.ts';
import { type EntranceMap, mapName, STICKY_MARK } from './layout.ts';
import { type Before, type Door, doorOf, NOTHING_BEFORE } from './programme.ts';

/** The slots and ids that a table found in the kernel has for a route, so that a restart moves nothing. */
export function seedFrom(elements: Elements, route: ProxiedRoute, frontends: readonly PlacedFrontend[]): Before {
  const doors = frontends.map(frontend => doorOf(route, frontend));
  const cluster = doors.find(door => door.kind === 'cluster');
  const outer = doors.find(door => door.kind !== 'cluster');
  const stickyIds = new Map<string, number>();
  const slotsOf = (door: Door | undefined, prefix: '' | 'outside_') =>
    door === undefined ? [] : slots(elements, door, prefix, stickyIds);
  const first = cluster ?? outer;
  const id = first === undefined ? undefined : elements.get(mapName(first.entrance, 'sticky_services'))?.get(first.key);
  const internal = slotsOf(cluster, '');
  const main = slotsOf(outer, '');
  return {
    ...NOTHING_BEFORE,
    internal,
    external: outer === undefined ? internal : outer.kind === 'local' ? slotsOf(outer, 'outside_') : main,
    near: outer === undefined ? internal : main,
    stickyId: id === undefined ? undefined : numberOf(id),
    stickyIds,
  };
}

/** Ids that some sticky map holds. */
export function idsIn(elements: Elements): number[] {
  const ids: number[] = [];
  for (const entrance of ['service', 'node'] as const) {
    for (const id of elements.get(mapName(entrance, 'sticky_services'))?.values() ?? []) ids.push(numberOf(id));
    for (const name of ['sticky_slots', 'outside_sticky_slots'] as const) {
      for (const mark of elements.get(mapName(entrance, name))?.values() ?? []) ids.push(idOf(mark));
    }
  }
  return ids;
}

function slots(
  elements: Elements,
  { entrance, key }: Door,
  prefix: '' | 'outside_',
  stickyIds: Map<string, number>,
): (string | undefined)[] {
  const at = (name: EntranceMap) => elements.get(mapName(entrance, name));
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
