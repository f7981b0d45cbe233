import type { IpFamily } from '../../kube/protocol.ts';
import { IP_FAMILIES } from '../../kube/protocol.ts';
import type { ProxiedRoute, RouteChange, RouteKey } from '../../routing/index.ts';
import type { PlacedFrontend } from './addresses.ts';
import { ChainNumbers } from './chain-numbers.ts';
import { Edits, type Elements } from './edits.ts';
import { counted, difference } from './elements.ts';
import { fixedElements } from './fixed.ts';
import { type Before, beforeOf, NOTHING_BEFORE, type Programme, programmeOf } from './programme.ts';
import type { Settings } from './settings.ts';

/** A batch worked out, and not yet in the kernel. */
export interface Plan {
  readonly edits: Readonly<Record<IpFamily, Edits>>;
  /** Pairs of what was and what is to be, of the routes that differ. */
  readonly programmes: readonly { readonly before: Programme | undefined; readonly after: Programme | undefined }[];
  /** The kernel took it. */
  commit(): void;
}

/** What the kernel has, route by route, and the difference that changes make to it. Only `commit` changes anything. */
export class Ledger {
  readonly #settings: Settings;
  readonly #frontendsOf: (route: ProxiedRoute) => readonly PlacedFrontend[];
  readonly #programmes = new Map<RouteKey, Programme>();
  readonly #counts: Record<IpFamily, Map<string, number>> = { IPv4: new Map(), IPv6: new Map() };
  readonly #ids = new Set<number>();
  readonly #chains = new ChainNumbers();
  readonly #numberOf = (chain: string) => this.#chains.of(chain);
  #lastId = 0;
  #started = false;

  constructor(settings: Settings, frontendsOf: (route: ProxiedRoute) => readonly PlacedFrontend[]) {
    this.#settings = settings;
    this.#frontendsOf = frontendsOf;
  }

  /** Whether a batch has been committed. */
  get started(): boolean {
    return this.#started;
  }

  /** Ids found in the kernel are given to nobody else. */
  takeIds(ids: Iterable<number>): void {
    for (const id of ids) this.#ids.add(id);
  }

  /**
   * @param seed what is known of a route that has no programme yet
   * @param found what the kernel has before the first batch: it goes unless a route asks for it
   */
  plan(
    changes: readonly RouteChange[],
    seed: (route: ProxiedRoute) => Before = () => NOTHING_BEFORE,
    found?: Readonly<Record<IpFamily, Elements>>,
  ): Plan {
    const edits: Record<IpFamily, Edits> = { IPv4: new Edits('IPv4'), IPv6: new Edits('IPv6') };
    if (found !== undefined) {
      for (const family of IP_FAMILIES) {
        for (const map of ['dispatch', 'outside_dispatch']) this.#chains.adopt(found[family].get(map) ?? new Map());
        removeAll(edits[family], found[family]);
        for (const { set, key } of fixedElements(family, this.#settings)) edits[family].add(set, key);
      }
    }
    const after = new Map<RouteKey, Programme | undefined>();
    const newIds = new Set<number>();
    for (const { type, route } of changes) {
      if (type === 'delete' || route.kind !== 'proxied') after.set(route.key, undefined);
      else {
        const known = this.#programmes.get(route.key);
        const before = known === undefined ? seed(route) : beforeOf(known);
        after.set(
          route.key,
          programmeOf(route, this.#frontendsOf(route), before, () => this.#newId(newIds)),
        );
      }
    }
    const deltas: Record<IpFamily, Map<string, number>> = { IPv4: new Map(), IPv6: new Map() };
    const programmes: { before: Programme | undefined; after: Programme | undefined }[] = [];
    for (const [key, programme] of after) {
      const before = this.#programmes.get(key);
      const family = (before ?? programme)?.family;
      if (family === undefined) continue;
      const table = edits[family];
      difference(
        before,
        programme,
        this.#numberOf,
        (set, element, data) => table.remove(set, element, data),
        (set, element, data) => table.add(set, element, data),
      );
      if (before !== undefined) this.#tally(deltas[family], before, -1);
      if (programme !== undefined) this.#tally(deltas[family], programme, 1);
      programmes.push({ before, after: programme });
    }
    for (const family of IP_FAMILIES) this.#settleCounts(family, deltas[family], edits[family]);
    return {
      edits,
      programmes,
      commit: () => {
        this.#started = true;
        for (const [key, programme] of after) {
          const old = this.#programmes.get(key);
          for (const id of old === undefined ? [] : idsOf(old)) this.#ids.delete(id);
          if (programme === undefined) this.#programmes.delete(key);
          else this.#programmes.set(key, programme);
        }
        for (const programme of after.values()) if (programme !== undefined) this.takeIds(idsOf(programme));
        for (const family of IP_FAMILIES) {
          for (const [key, delta] of deltas[family]) this.#count(family, key, delta);
        }
      },
    };
  }

  /** The difference between what was found in the kernel and what it should be. */
  repair(family: IpFamily, found: Elements): Edits {
    const edits = new Edits(family);
    removeAll(edits, found);
    for (const [set, elements] of this.elements(family)) {
      for (const [key, data] of elements) edits.add(set, key, data);
    }
    return edits;
  }

  /** All elements and chains that the kernel should have for a family's routes. */
  elements(family: IpFamily): Elements {
    const elements: Elements = new Map();
    const add = (set: string, key: string, data = '') => {
      const known = elements.get(set);
      if (known === undefined) elements.set(set, new Map([[key, data]]));
      else known.set(key, data);
    };
    for (const { set, key } of fixedElements(family, this.#settings)) add(set, key);
    for (const programme of this.#programmes.values()) {
      if (programme.family !== family) continue;
      difference(undefined, programme, this.#numberOf, () => {}, add);
      for (const { set, key, data } of counted(programme, this.#numberOf)) add(set, key, data);
    }
    return elements;
  }

  #settleCounts(family: IpFamily, deltas: ReadonlyMap<string, number>, edits: Edits): void {
    for (const [place, delta] of deltas) {
      const count = this.#counts[family].get(place) ?? 0;
      const [set = '', key = '', data = ''] = place.split('|');
      if (count > 0 && count + delta <= 0) edits.remove(set, key, data);
      else if (count === 0 && delta > 0) edits.add(set, key, data);
    }
  }

  #tally(deltas: Map<string, number>, programme: Programme, by: number): void {
    for (const { set, key, data = '' } of counted(programme, this.#numberOf)) {
      const place = `${set}|${key}|${data}`;
      deltas.set(place, (deltas.get(place) ?? 0) + by);
    }
  }

  #count(family: IpFamily, place: string, delta: number): void {
    const counts = this.#counts[family];
    const count = (counts.get(place) ?? 0) + delta;
    if (count > 0) counts.set(place, count);
    else counts.delete(place);
  }

  /** An id is used again only after all others have been, so that a client remembered under it is long forgotten. */
  #newId(alsoTaken: Set<number>): number {
    do {
      this.#lastId = (this.#lastId % MOST_IDS) + 1;
    } while (this.#ids.has(this.#lastId) || alsoTaken.has(this.#lastId));
    alsoTaken.add(this.#lastId);
    return this.#lastId;
  }
}

/** 24 bits: the fourth byte of the mark says that it is ours. */
const MOST_IDS = 0xffffff;

function idsOf(programme: Programme): number[] {
  const { sticky } = programme;
  return sticky === undefined ? [] : [sticky.id, ...sticky.ids.values()];
}

function removeAll(edits: Edits, found: Elements): void {
  for (const [set, elements] of found) for (const [key, data] of elements) edits.remove(set, key, data);
}
