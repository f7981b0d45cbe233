import { IP_FAMILIES, type IpFamily } from '../../net/index.ts';
import type { ProxiedRoute, RouteChange, RouteKey } from '../../routing/index.ts';
import type { PlacedFrontend } from './addresses.ts';
import { ChainNumbers } from './chain-numbers.ts';
import { counted, difference } from './elements.ts';
import { fixedElements } from './fixed.ts';
import type { ResolvedOptions } from './options.ts';
import { type Before, beforeOf, NOTHING_BEFORE, programOf, type RouteProgram } from './route-program.ts';
import { type Elements, TableDelta } from './table-delta.ts';

/** A batch that is computed but not yet in the kernel. */
export interface Plan {
  readonly deltas: Readonly<Record<IpFamily, TableDelta>>;
  /** The programs before and after the batch, of the routes that differ. */
  readonly programs: readonly { readonly before: RouteProgram | undefined; readonly after: RouteProgram | undefined }[];
  /** To be called when the kernel has accepted the batch. */
  commit(): void;
}

/** The state of the kernel, route by route, and the delta that changes make to it. Only `commit` modifies it. */
export class ProgrammedState {
  readonly #options: ResolvedOptions;
  readonly #frontendsOf: (route: ProxiedRoute) => readonly PlacedFrontend[];
  readonly #programs = new Map<RouteKey, RouteProgram>();
  readonly #counts: Record<IpFamily, Map<string, number>> = { IPv4: new Map(), IPv6: new Map() };
  readonly #ids = new Set<number>();
  readonly #chains = new ChainNumbers();
  readonly #numberOf = (chain: string) => this.#chains.of(chain);
  #lastId = 0;
  #started = false;

  constructor(options: ResolvedOptions, frontendsOf: (route: ProxiedRoute) => readonly PlacedFrontend[]) {
    this.#options = options;
    this.#frontendsOf = frontendsOf;
  }

  /** Whether a batch has been committed. */
  get started(): boolean {
    return this.#started;
  }

  /** Marks ids that are in use in the kernel as taken. */
  takeIds(ids: Iterable<number>): void {
    for (const id of ids) this.#ids.add(id);
  }

  /**
   * @param seed the slots and ids to keep for a route that has no program yet
   * @param found the elements in the kernel before the first batch; those that no route needs are removed
   */
  plan(
    changes: readonly RouteChange[],
    seed: (route: ProxiedRoute) => Before = () => NOTHING_BEFORE,
    found?: Readonly<Record<IpFamily, Elements>>,
  ): Plan {
    const deltas: Record<IpFamily, TableDelta> = { IPv4: new TableDelta('IPv4'), IPv6: new TableDelta('IPv6') };
    if (found !== undefined) {
      for (const family of IP_FAMILIES) {
        for (const map of ['dispatch', 'outside_dispatch']) this.#chains.adopt(found[family].get(map) ?? new Map());
        removeAll(deltas[family], found[family]);
        for (const { set, key } of fixedElements(family, this.#options)) deltas[family].add(set, key);
      }
    }
    const after = new Map<RouteKey, RouteProgram | undefined>();
    const newIds = new Set<number>();
    for (const { type, route } of changes) {
      if (type === 'delete' || route.kind !== 'proxied') after.set(route.key, undefined);
      else {
        const known = this.#programs.get(route.key);
        const before = known === undefined ? seed(route) : beforeOf(known);
        after.set(
          route.key,
          programOf(route, this.#frontendsOf(route), before, () => this.#newId(newIds)),
        );
      }
    }
    const countDeltas: Record<IpFamily, Map<string, number>> = { IPv4: new Map(), IPv6: new Map() };
    const programs: { before: RouteProgram | undefined; after: RouteProgram | undefined }[] = [];
    for (const [key, program] of after) {
      const before = this.#programs.get(key);
      const family = (before ?? program)?.family;
      if (family === undefined) continue;
      const table = deltas[family];
      difference(
        before,
        program,
        this.#numberOf,
        (set, element, data) => table.remove(set, element, data),
        (set, element, data) => table.add(set, element, data),
      );
      if (before !== undefined) this.#tally(countDeltas[family], before, -1);
      if (program !== undefined) this.#tally(countDeltas[family], program, 1);
      programs.push({ before, after: program });
    }
    for (const family of IP_FAMILIES) this.#applyCounts(family, countDeltas[family], deltas[family]);
    return {
      deltas,
      programs,
      commit: () => {
        this.#started = true;
        for (const [key, program] of after) {
          const old = this.#programs.get(key);
          for (const id of old === undefined ? [] : idsOf(old)) this.#ids.delete(id);
          if (program === undefined) this.#programs.delete(key);
          else this.#programs.set(key, program);
        }
        for (const program of after.values()) if (program !== undefined) this.takeIds(idsOf(program));
        for (const family of IP_FAMILIES) {
          for (const [key, delta] of countDeltas[family]) this.#count(family, key, delta);
        }
      },
    };
  }

  /** The delta from the elements found in the kernel to the expected ones. */
  repair(family: IpFamily, found: Elements): TableDelta {
    const delta = new TableDelta(family);
    removeAll(delta, found);
    for (const [set, elements] of this.elements(family)) {
      for (const [key, data] of elements) delta.add(set, key, data);
    }
    return delta;
  }

  /** All elements and chains that the kernel should have for the routes of a family. */
  elements(family: IpFamily): Elements {
    const elements: Elements = new Map();
    const add = (set: string, key: string, data = '') => {
      const known = elements.get(set);
      if (known === undefined) elements.set(set, new Map([[key, data]]));
      else known.set(key, data);
    };
    for (const { set, key } of fixedElements(family, this.#options)) add(set, key);
    for (const program of this.#programs.values()) {
      if (program.family !== family) continue;
      difference(undefined, program, this.#numberOf, () => {}, add);
      for (const { set, key, data } of counted(program, this.#numberOf)) add(set, key, data);
    }
    return elements;
  }

  #applyCounts(family: IpFamily, countDeltas: ReadonlyMap<string, number>, deltas: TableDelta): void {
    for (const [place, delta] of countDeltas) {
      const count = this.#counts[family].get(place) ?? 0;
      const [set = '', key = '', data = ''] = place.split('|');
      if (count > 0 && count + delta <= 0) deltas.remove(set, key, data);
      else if (count === 0 && delta > 0) deltas.add(set, key, data);
    }
  }

  #tally(countDeltas: Map<string, number>, program: RouteProgram, by: number): void {
    for (const { set, key, data = '' } of counted(program, this.#numberOf)) {
      const place = `${set}|${key}|${data}`;
      countDeltas.set(place, (countDeltas.get(place) ?? 0) + by);
    }
  }

  #count(family: IpFamily, place: string, delta: number): void {
    const counts = this.#counts[family];
    const count = (counts.get(place) ?? 0) + delta;
    if (count > 0) counts.set(place, count);
    else counts.delete(place);
  }

  /** An id is reused only after all others, when the clients remembered under it have long expired. */
  #newId(alsoTaken: Set<number>): number {
    do {
      this.#lastId = (this.#lastId % MAX_IDS) + 1;
    } while (this.#ids.has(this.#lastId) || alsoTaken.has(this.#lastId));
    alsoTaken.add(this.#lastId);
    return this.#lastId;
  }
}

/** 24 bits: the fourth byte of the mark identifies it as Switchboard's. */
const MAX_IDS = 0xffffff;

function idsOf(program: RouteProgram): number[] {
  const { sticky } = program;
  return sticky === undefined ? [] : [sticky.id, ...sticky.ids.values()];
}

function removeAll(delta: TableDelta, found: Elements): void {
  for (const [set, elements] of found) for (const [key, data] of elements) delta.remove(set, key, data);
}
