/**
 * What clients meet at each way in, in a form that two tables can be compared in: slots and ids do not matter, what they
 * lead to does. One view is read from the kernel's elements, the other is made from the routes alone, not from the
 * programmes that the elements came from, so that a fault in those shows.
 *
 * @module
 */
import type { IpFamily } from '../../kube/protocol.ts';
import type { Delivery, ProxiedRoute, RouteKey } from '../../routing/index.ts';
import type { PlacedFrontend } from './addresses.ts';
import { parseChainName } from './chains.ts';
import type { Elements } from './edits.ts';
import { classId } from './elements.ts';
import type { Sliced } from './in-slices.ts';
import { type Entrance, type EntranceMap, mapName } from './layout.ts';
import { doorOf } from './programme.ts';

/** One way in, in words; a word that does not apply is missing. */
export interface DoorView {
  readonly entrance: Entrance;
  readonly key: string;
  /** `endpoints`, `reject` or `drop`. */
  readonly traffic: string;
  /** Which rule decides on masquerading: `cluster`, `external` or `local`. */
  readonly kind?: string;
  /** Sorted, `address . port`, or the reason that they cannot be read. */
  readonly endpoints?: string;
  /** What sources outside the cluster get, where it differs by policy. */
  readonly outside?: string;
  readonly affinity?: string;
  readonly sources?: string;
}

/** `entrance key` -> what is there. */
export type TableView = Map<string, DoorView>;

export function doorId(entrance: Entrance, key: string): string {
  return `${entrance} ${key}`;
}

/** The view of routes of one family. */
export function* viewOfRoutes(
  family: IpFamily,
  routes: Iterable<ProxiedRoute>,
  frontendsOf: (route: ProxiedRoute) => readonly PlacedFrontend[],
): Sliced<{ readonly view: TableView; readonly owners: Map<string, RouteKey> }> {
  const view: TableView = new Map();
  const owners = new Map<string, RouteKey>();
  for (const route of routes) {
    yield;
    if (route.family !== family) continue;
    for (const frontend of frontendsOf(route)) {
      const { entrance, key, kind, ranges } = doorOf(route, frontend);
      const id = doorId(entrance, key);
      owners.set(id, route.key);
      const sources = ranges === undefined ? {} : { sources: [...ranges].sort().join(', ') };
      const main = { cluster: route.internal, external: route.external, local: route.externalFromLocal }[kind];
      if (main.kind !== 'endpoints') {
        view.set(id, { entrance, key, traffic: main.kind, ...sources });
        continue;
      }
      view.set(id, {
        entrance,
        key,
        traffic: 'endpoints',
        kind,
        endpoints: listed(main),
        ...(kind === 'local' ? { outside: listed(route.external) } : {}),
        ...(route.affinityTimeoutSeconds === undefined ? {} : { affinity: `${route.affinityTimeoutSeconds} s` }),
        ...sources,
      });
    }
  }
  return { view, owners };
}

function listed(delivery: Delivery): string {
  if (delivery.kind !== 'endpoints') return delivery.kind;
  return [...new Set(delivery.endpoints.map(({ address, port }) => `${address} . ${port}`))].sort().join(', ');
}

/** The view of a table's elements. */
export function* viewOfElements(elements: Elements): Sliced<TableView> {
  const view: TableView = new Map();
  const at = (set: string) => elements.get(set) ?? new Map<string, string>();
  for (const entrance of ['service', 'node'] as const) {
    const map = (name: EntranceMap) => at(mapName(entrance, name));
    const chainOf = (number: string | undefined) =>
      number === undefined
        ? undefined
        : (at('dispatch').get(number) ?? at('outside_dispatch').get(number) ?? `chain number ${number}, which is none`);
    const keys = new Set([...map('frontends').keys(), ...map('rejected').keys(), ...map('dropped').keys()]);
    for (const key of keys) {
      yield;
      const id = doorId(entrance, key);
      const ranged = entrance === 'service' && at('ranged_frontends').has(key);
      const verdict = chainOf(map('frontends').get(key));
      const refused = map('rejected').has(key) ? 'reject' : map('dropped').has(key) ? 'drop' : undefined;
      if (verdict === undefined) view.set(id, { entrance, key, traffic: refused ?? 'none' });
      else view.set(id, { entrance, key, traffic: 'endpoints', ...behind(verdict, refused, key, map, chainOf) });
      if (ranged) view.set(id, { ...(view.get(id) ?? { entrance, key, traffic: 'none' }), sources: '' });
    }
  }
  // One pass over all sources, and not one for each frontend.
  const sources = new Map<string, string[]>();
  for (const element of at('allowed_sources').keys()) {
    yield;
    const cut = element.lastIndexOf(' . ');
    const id = doorId('service', element.slice(0, cut));
    sources.set(id, [...(sources.get(id) ?? []), element.slice(cut + 3)]);
  }
  for (const [id, list] of sources) {
    const door = view.get(id);
    if (door !== undefined) view.set(id, { ...door, sources: list.sort().join(', ') });
  }
  return view;
}

type MapOf = (name: EntranceMap) => ReadonlyMap<string, string>;

function behind(
  verdict: string,
  refused: string | undefined,
  key: string,
  map: MapOf,
  chainOf: (number: string | undefined) => string | undefined,
): Partial<DoorView> {
  const spec = parseChainName(verdict.replace(/^goto /, ''));
  if (spec === undefined) return { endpoints: `leads to ${verdict}` };
  const affinity = spec.sticky === undefined ? {} : { affinity: `${spec.sticky} s` };
  const near = { kind: spec.kind, endpoints: slots(key, spec.count, spec.sticky !== undefined, '', map), ...affinity };
  if (spec.kind !== 'local') return near;
  const outside = chainOf(map('outside_frontends').get(key));
  const other = outside === undefined ? undefined : parseChainName(outside.replace(/^goto /, ''));
  if (other === undefined) return { ...near, outside: refused ?? 'none' };
  return { ...near, outside: slots(key, other.count, other.sticky !== undefined, 'outside_', map) };
}

function slots(key: string, count: number, sticky: boolean, prefix: '' | 'outside_', map: MapOf): string {
  const found: string[] = [];
  for (let slot = 0; slot < count; slot++) {
    const place = `${classId(slot)} . ${key}`;
    const id = sticky ? map(`${prefix}sticky_slots`).get(place) : undefined;
    const endpoint = sticky
      ? map(`${prefix}sticky_endpoints`).get(`${id} . ${key}`)
      : map(`${prefix}endpoints`).get(place);
    found.push(endpoint ?? 'an empty slot');
  }
  return [...new Set(found)].sort().join(', ');
}

export interface Difference {
  /** undefined: no route leads there. */
  readonly route?: RouteKey;
  readonly family: IpFamily;
  /** `10.96.0.10 . 6 . 80`, `6 . 30080`, or the name of a set. */
  readonly where: string;
  /** Which property differs. */
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

export function* compareViews(
  family: IpFamily,
  expected: TableView,
  found: TableView,
  owners: ReadonlyMap<string, RouteKey>,
): Sliced<Difference[]> {
  const differences: Difference[] = [];
  for (const id of new Set([...expected.keys(), ...found.keys()])) {
    yield;
    const a = expected.get(id);
    const b = found.get(id);
    const route = owners.get(id);
    const where = (a ?? b)?.key ?? id;
    const base = { ...(route === undefined ? {} : { route }), family, where };
    // Where clients meet something else altogether, the rest follows from it.
    if (a === undefined || b === undefined || a.traffic !== b.traffic) {
      differences.push({ ...base, what: 'traffic', expected: inWords(a), found: inWords(b) });
      continue;
    }
    for (const what of ['kind', 'endpoints', 'outside', 'affinity', 'sources'] as const) {
      if (a[what] === b[what]) continue;
      differences.push({ ...base, what, expected: a[what] ?? 'nothing', found: b[what] ?? 'nothing' });
    }
  }
  return differences;
}

function inWords(door: DoorView | undefined): string {
  return door?.endpoints ?? door?.traffic ?? 'nothing';
}
