/**
 * The elements of a programme, and the difference between two programmes of one route. What is the same for many routes
 * (a cluster IP, a chain, an address) is counted by `counted`; everything else belongs to one route.
 *
 * @module
 */
import { type ChainKind, type ChainSpec, chainName, chainNeeds, stickyMark } from './chains.ts';
import { CHAINS } from './edits.ts';
import { type Entrance, type EntranceMap, mapName } from './layout.ts';
import type { Door, Pool, Programme } from './programme.ts';

export interface Element {
  readonly set: string;
  readonly key: string;
  readonly data?: string;
}

type Emit = (set: string, key: string, data?: string) => void;
/** The number of a chain. */
type NumberOf = (chain: string) => string;

/** Calls `remove` and `add` for the elements that differ; for one endpoint more, those of one endpoint. */
export function difference(
  before: Programme | undefined,
  after: Programme | undefined,
  numberOf: NumberOf,
  remove: Emit,
  add: Emit,
): void {
  if (before !== undefined && after !== undefined && before.doors.length === after.doors.length) {
    // Alike but for their endpoints: the common case, and the one that has to cost little.
    if (before.doors.every((door, i) => sameDoor(door, after.doors[i]))) {
      // The same ways in; who may dial them may differ.
      for (const door of before.doors) doorHead(door, before, numberOf, remove);
      after.doors.forEach(door => {
        doorHead(door, after, numberOf, add);
        doorSlots(door, before, after, remove, add);
      });
      return;
    }
  }
  for (const door of before?.doors ?? []) wholeDoor(door, before, numberOf, remove);
  for (const door of after?.doors ?? []) wholeDoor(door, after, numberOf, add);
}

function wholeDoor(door: Door, programme: Programme | undefined, numberOf: NumberOf, emit: Emit): void {
  if (programme === undefined) return;
  doorHead(door, programme, numberOf, emit);
  doorSlots(door, undefined, programme, emit, emit);
}

/** Elements that several programmes may share, with repetitions: each is there while somebody counts it. */
export function* counted(programme: Programme, numberOf: NumberOf): Generator<Element> {
  for (const address of programme.clusterIPs) yield { set: 'cluster_ips', key: address };
  for (const address of programme.hairpin) yield { set: 'hairpin', key: `${address} . ${address}` };
  for (const door of programme.doors) {
    for (const spec of chainsOf(door, programme)) {
      const name = chainName(spec);
      yield { set: CHAINS, key: name };
      const set = spec.kind === 'outside' ? 'outside_dispatch' : 'dispatch';
      yield { set, key: numberOf(name), data: `goto ${name}` };
      for (const needed of chainNeeds(spec)) yield { set: CHAINS, key: chainName(needed) };
    }
  }
}

function* chainsOf(door: Door, programme: Programme): Generator<ChainSpec> {
  const main = mainPool(door, programme);
  if (typeof main !== 'string') yield specOf(door, door.kind, main.slots.length, programme);
  const outside = outsidePool(programme);
  if (door.kind === 'local' && typeof outside !== 'string') {
    yield specOf(door, 'outside', outside.slots.length, programme);
  }
}

function specOf({ entrance }: Door, kind: ChainKind, count: number, { sticky }: Programme): ChainSpec {
  return { entrance, kind, count, sticky: sticky?.seconds };
}

function mainPool(door: Door, programme: Programme): Pool {
  if (door.kind === 'cluster') return programme.internal;
  return door.kind === 'local' ? programme.near : programme.external;
}

/** All elements of a door but those of its endpoints. */
function doorHead(door: Door, programme: Programme, numberOf: NumberOf, emit: Emit): void {
  const { entrance, key } = door;
  const main = mainPool(door, programme);
  if (typeof main === 'string') emit(mapName(entrance, refusalSet(main)), key);
  else {
    emit(
      mapName(entrance, 'frontends'),
      key,
      numberOf(chainName(specOf(door, door.kind, main.slots.length, programme))),
    );
    if (programme.sticky !== undefined) {
      emit(mapName(entrance, 'sticky_services'), key, classId(programme.sticky.id));
    }
    if (door.kind === 'local') outsideHead(door, programme, numberOf, emit);
  }
  if (door.ranges !== undefined) {
    emit('ranged_frontends', key);
    for (const range of door.ranges) emit('allowed_sources', `${key} . ${range}`);
  }
}

function outsideHead(door: Door, programme: Programme, numberOf: NumberOf, emit: Emit): void {
  const { entrance, key } = door;
  const { external } = programme;
  if (typeof external === 'string') emit(mapName(entrance, refusalSet(external)), key);
  else {
    const chain = chainName(specOf(door, 'outside', external.slots.length, programme));
    emit(mapName(entrance, 'outside_frontends'), key, numberOf(chain));
  }
}

function doorSlots(door: Door, before: Programme | undefined, after: Programme, remove: Emit, add: Emit): void {
  poolSlots(door, '', before, after, programme => mainPool(door, programme), remove, add);
  if (door.kind === 'local') poolSlots(door, 'outside_', before, after, outsidePool, remove, add);
}

/** Sources outside get no further than those within: without endpoints for anybody there are none for them. */
function outsidePool(programme: Programme): Pool {
  return typeof programme.near === 'string' ? programme.near : programme.external;
}

function poolSlots(
  door: Door,
  prefix: '' | 'outside_',
  before: Programme | undefined,
  after: Programme,
  poolOf: (programme: Programme) => Pool,
  remove: Emit,
  add: Emit,
): void {
  const old = before === undefined ? [] : slotsOf(poolOf(before));
  const fresh = slotsOf(poolOf(after));
  const { entrance } = door;
  const sameKind = before !== undefined && (before.sticky === undefined) === (after.sticky === undefined);
  for (let slot = 0; slot < Math.max(old.length, fresh.length); slot++) {
    const was = old[slot];
    const is = fresh[slot];
    if (was === is && sameKind && sameId(before, after, is)) continue;
    if (was !== undefined && before !== undefined) slotElements(entrance, door.key, prefix, slot, was, before, remove);
    if (is !== undefined) slotElements(entrance, door.key, prefix, slot, is, after, add);
  }
}

function sameId(before: Programme, after: Programme, endpoint: string | undefined): boolean {
  return endpoint === undefined || before.sticky?.ids.get(endpoint) === after.sticky?.ids.get(endpoint);
}

function slotElements(
  entrance: Entrance,
  key: string,
  prefix: '' | 'outside_',
  slot: number,
  endpoint: string,
  programme: Programme,
  emit: Emit,
): void {
  const map = (name: 'endpoints' | 'sticky_slots' | 'sticky_endpoints') => {
    const full: EntranceMap = `${prefix}${name}`;
    return mapName(entrance, full);
  };
  if (programme.sticky === undefined) {
    emit(map('endpoints'), `${classId(slot)} . ${key}`, endpoint);
    return;
  }
  const mark = stickyMark(programme.sticky.ids.get(endpoint) ?? 0);
  emit(map('sticky_slots'), `${classId(slot)} . ${key}`, mark);
  emit(map('sticky_endpoints'), `${mark} . ${key}`, endpoint);
}

function slotsOf(pool: Pool): readonly string[] {
  return typeof pool === 'string' ? [] : pool.slots;
}

function refusalSet(pool: 'reject' | 'drop'): 'rejected' | 'dropped' {
  return pool === 'reject' ? 'rejected' : 'dropped';
}

/** A number as the classid that the kernel keeps it as. */
export function classId(id: number): string {
  return `${(id >>> 16).toString(16)}:${(id & 0xffff).toString(16)}`;
}

function sameDoor(a: Door, b: Door | undefined): boolean {
  return b !== undefined && a.entrance === b.entrance && a.key === b.key && a.kind === b.kind;
}
