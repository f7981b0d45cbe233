/**
 * The elements of a route program, and the difference between two programs of one route. Elements that several routes
 * share (a cluster IP, a chain, an address) are reference counted, see `counted`; all others belong to one route.
 *
 * @module
 */
import { type ChainKind, type ChainSpec, chainName, chainNeeds, stickyMark } from './chains.ts';
import { type LookupKind, type LookupMap, mapName } from './layout.ts';
import type { Pool, RouteProgram, VipEntry } from './route-program.ts';
import { CHAINS } from './table-delta.ts';

export interface Element {
  readonly set: string;
  readonly key: string;
  readonly data?: string;
}

type Emit = (set: string, key: string, data?: string) => void;
/** The number of a chain. */
type NumberOf = (chain: string) => string;

/** Calls `remove` and `add` for the elements that differ. One more endpoint costs the elements of one endpoint. */
export function difference(
  before: RouteProgram | undefined,
  after: RouteProgram | undefined,
  numberOf: NumberOf,
  remove: Emit,
  add: Emit,
): void {
  if (before !== undefined && after !== undefined && before.entries.length === after.entries.length) {
    // Only the endpoints differ: the common case, which has to be cheap.
    if (before.entries.every((entry, i) => sameEntry(entry, after.entries[i]))) {
      // The same VIP entries; their source ranges may differ.
      for (const entry of before.entries) entryHead(entry, before, numberOf, remove);
      after.entries.forEach(entry => {
        entryHead(entry, after, numberOf, add);
        entrySlots(entry, before, after, remove, add);
      });
      return;
    }
  }
  for (const entry of before?.entries ?? []) wholeEntry(entry, before, numberOf, remove);
  for (const entry of after?.entries ?? []) wholeEntry(entry, after, numberOf, add);
}

function wholeEntry(entry: VipEntry, program: RouteProgram | undefined, numberOf: NumberOf, emit: Emit): void {
  if (program === undefined) return;
  entryHead(entry, program, numberOf, emit);
  entrySlots(entry, undefined, program, emit, emit);
}

/** Elements that several programs may share, with repetitions. An element exists while its count is above 0. */
export function* counted(program: RouteProgram, numberOf: NumberOf): Generator<Element> {
  for (const address of program.clusterIPs) yield { set: 'cluster_ips', key: address };
  for (const address of program.hairpin) yield { set: 'hairpin', key: `${address} . ${address}` };
  for (const entry of program.entries) {
    for (const spec of chainsOf(entry, program)) {
      const name = chainName(spec);
      yield { set: CHAINS, key: name };
      const set = spec.kind === 'outside' ? 'outside_dispatch' : 'dispatch';
      yield { set, key: numberOf(name), data: `goto ${name}` };
      for (const needed of chainNeeds(spec)) yield { set: CHAINS, key: chainName(needed) };
    }
  }
}

function* chainsOf(entry: VipEntry, program: RouteProgram): Generator<ChainSpec> {
  const main = mainPool(entry, program);
  if (typeof main !== 'string') yield specOf(entry, entry.kind, main.slots.length, program);
  const fromOutside = poolFromOutside(program);
  if (entry.kind === 'local' && typeof fromOutside !== 'string') {
    yield specOf(entry, 'outside', fromOutside.slots.length, program);
  }
}

function specOf({ lookup }: VipEntry, kind: ChainKind, count: number, { sticky }: RouteProgram): ChainSpec {
  return { lookup, kind, count, sticky: sticky?.seconds };
}

function mainPool(entry: VipEntry, program: RouteProgram): Pool {
  if (entry.kind === 'cluster') return program.internal;
  return entry.kind === 'local' ? program.fromCluster : program.external;
}

/** All elements of an entry except those of its endpoints. */
function entryHead(entry: VipEntry, program: RouteProgram, numberOf: NumberOf, emit: Emit): void {
  const { lookup, key } = entry;
  const main = mainPool(entry, program);
  if (typeof main === 'string') emit(mapName(lookup, unservedSet(main)), key);
  else {
    emit(mapName(lookup, 'frontends'), key, numberOf(chainName(specOf(entry, entry.kind, main.slots.length, program))));
    if (program.sticky !== undefined) {
      emit(mapName(lookup, 'sticky_services'), key, classId(program.sticky.id));
    }
    if (entry.kind === 'local') headFromOutside(entry, program, numberOf, emit);
  }
  if (entry.ranges !== undefined) {
    emit('ranged_frontends', key);
    for (const range of entry.ranges) emit('allowed_sources', `${key} . ${range}`);
  }
}

function headFromOutside(entry: VipEntry, program: RouteProgram, numberOf: NumberOf, emit: Emit): void {
  const { lookup, key } = entry;
  const { external } = program;
  if (typeof external === 'string') emit(mapName(lookup, unservedSet(external)), key);
  else {
    const chain = chainName(specOf(entry, 'outside', external.slots.length, program));
    emit(mapName(lookup, 'outside_frontends'), key, numberOf(chain));
  }
}

function entrySlots(
  entry: VipEntry,
  before: RouteProgram | undefined,
  after: RouteProgram,
  remove: Emit,
  add: Emit,
): void {
  poolSlots(entry, '', before, after, program => mainPool(entry, program), remove, add);
  if (entry.kind === 'local') poolSlots(entry, 'outside_', before, after, poolFromOutside, remove, add);
}

/** Sources outside the cluster get no more than those inside: if no endpoint is usable there, none is here. */
function poolFromOutside(program: RouteProgram): Pool {
  return typeof program.fromCluster === 'string' ? program.fromCluster : program.external;
}

function poolSlots(
  entry: VipEntry,
  prefix: '' | 'outside_',
  before: RouteProgram | undefined,
  after: RouteProgram,
  poolOf: (program: RouteProgram) => Pool,
  remove: Emit,
  add: Emit,
): void {
  const old = before === undefined ? [] : slotsOf(poolOf(before));
  const fresh = slotsOf(poolOf(after));
  const { lookup } = entry;
  const sameKind = before !== undefined && (before.sticky === undefined) === (after.sticky === undefined);
  for (let slot = 0; slot < Math.max(old.length, fresh.length); slot++) {
    const was = old[slot];
    const is = fresh[slot];
    if (was === is && sameKind && sameId(before, after, is)) continue;
    if (was !== undefined && before !== undefined) slotElements(lookup, entry.key, prefix, slot, was, before, remove);
    if (is !== undefined) slotElements(lookup, entry.key, prefix, slot, is, after, add);
  }
}

function sameId(before: RouteProgram, after: RouteProgram, endpoint: string | undefined): boolean {
  return endpoint === undefined || before.sticky?.ids.get(endpoint) === after.sticky?.ids.get(endpoint);
}

function slotElements(
  lookup: LookupKind,
  key: string,
  prefix: '' | 'outside_',
  slot: number,
  endpoint: string,
  program: RouteProgram,
  emit: Emit,
): void {
  const map = (name: 'endpoints' | 'sticky_slots' | 'sticky_endpoints') => {
    const full: LookupMap = `${prefix}${name}`;
    return mapName(lookup, full);
  };
  if (program.sticky === undefined) {
    emit(map('endpoints'), `${classId(slot)} . ${key}`, endpoint);
    return;
  }
  const mark = stickyMark(program.sticky.ids.get(endpoint) ?? 0);
  emit(map('sticky_slots'), `${classId(slot)} . ${key}`, mark);
  emit(map('sticky_endpoints'), `${mark} . ${key}`, endpoint);
}

function slotsOf(pool: Pool): readonly string[] {
  return typeof pool === 'string' ? [] : pool.slots;
}

function unservedSet(pool: 'reject' | 'drop'): 'rejected' | 'dropped' {
  return pool === 'reject' ? 'rejected' : 'dropped';
}

/** A number in the form of a classid, as the kernel stores it. */
export function classId(id: number): string {
  return `${(id >>> 16).toString(16)}:${(id & 0xffff).toString(16)}`;
}

function sameEntry(a: VipEntry, b: VipEntry | undefined): boolean {
  return b !== undefined && a.lookup === b.lookup && a.key === b.key && a.kind === b.kind;
}
