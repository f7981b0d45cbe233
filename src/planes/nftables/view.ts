/**
 * What clients get at each VIP entry, in a form in which two tables can be compared: the endpoints without slots and ids.
 * One view is read from the kernel's elements. The other is computed from the routes alone, not from the programs that
 * the elements came from, so that a fault in the programs is detected.
 *
 * @module
 */
import type { IpFamily } from '../../net/index.ts';
import type { Delivery, ProxiedRoute, RouteKey } from '../../routing/index.ts';
import type { PlacedFrontend } from './addresses.ts';
import { parseChainName } from './chains.ts';
import { classId } from './elements.ts';
import type { Sliced } from './in-slices.ts';
import { type LookupKind, type LookupMap, mapName } from './layout.ts';
import { vipEntryOf } from './route-program.ts';
import type { Elements } from './table-delta.ts';

/** One way in, in words; a word that does not apply is missing. */
export interface VipEntryView {
  readonly lookup: LookupKind;
  readonly key: string;
  /** `endpoints`, `reject` or `drop`. */
  readonly traffic: string;
  /** Which rule decides on masquerading: `cluster`, `external` or `local`. */
  readonly kind?: string;
  /** Sorted, `address . port`, or the reason that they cannot be read. */
  readonly endpoints?: string;
  /** What sources fromOutside the cluster get, where it differs by policy. */
  readonly fromOutside?: string;
  readonly affinity?: string;
  readonly sources?: string;
}

/** `lookup key` -> what is there. */
export type TableView = Map<string, VipEntryView>;

export function entryId(lookup: LookupKind, key: string): string {
  return `${lookup} ${key}`;
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
      const { lookup, key, kind, ranges } = vipEntryOf(route, frontend);
      const id = entryId(lookup, key);
      owners.set(id, route.key);
      const sources = ranges === undefined ? {} : { sources: [...ranges].sort().join(', ') };
      const main = { cluster: route.internal, external: route.external, local: route.externalFromLocal }[kind];
      if (main.kind !== 'endpoints') {
        view.set(id, { lookup, key, traffic: main.kind, ...sources });
        continue;
      }
      view.set(id, {
        lookup,
        key,
        traffic: 'endpoints',
        kind,
        endpoints: listed(main),
        ...(kind === 'local' ? { fromOutside: listed(route.external) } : {}),
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
  for (const lookup of ['service', 'node'] as const) {
    const map = (name: LookupMap) => at(mapName(lookup, name));
    const chainOf = (number: string | undefined) =>
      number === undefined
        ? undefined
        : (at('dispatch').get(number) ?? at('outside_dispatch').get(number) ?? `chain number ${number}, which is none`);
    const keys = new Set([...map('frontends').keys(), ...map('rejected').keys(), ...map('dropped').keys()]);
    for (const key of keys) {
      yield;
      const id = entryId(lookup, key);
      const ranged = lookup === 'service' && at('ranged_frontends').has(key);
      const verdict = chainOf(map('frontends').get(key));
      const refused = map('rejected').has(key) ? 'reject' : map('dropped').has(key) ? 'drop' : undefined;
      if (verdict === undefined) view.set(id, { lookup, key, traffic: refused ?? 'none' });
      else view.set(id, { lookup, key, traffic: 'endpoints', ...behind(verdict, refused, key, map, chainOf) });
      if (ranged) view.set(id, { ...(view.get(id) ?? { lookup, key, traffic: 'none' }), sources: '' });
    }
  }
  // One pass over all sources instead of one for each frontend.
  const sources = new Map<string, string[]>();
  for (const element of at('allowed_sources').keys()) {
    yield;
    const cut = element.lastIndexOf(' . ');
    const id = entryId('service', element.slice(0, cut));
    sources.set(id, [...(sources.get(id) ?? []), element.slice(cut + 3)]);
  }
  for (const [id, list] of sources) {
    const entry = view.get(id);
    if (entry !== undefined) view.set(id, { ...entry, sources: list.sort().join(', ') });
  }
  return view;
}

type MapOf = (name: LookupMap) => ReadonlyMap<string, string>;

function behind(
  verdict: string,
  refused: string | undefined,
  key: string,
  map: MapOf,
  chainOf: (number: string | undefined) => string | undefined,
): Partial<VipEntryView> {
  const spec = parseChainName(verdict.replace(/^goto /, ''));
  if (spec === undefined) return { endpoints: `leads to ${verdict}` };
  const affinity = spec.sticky === undefined ? {} : { affinity: `${spec.sticky} s` };
  const fromCluster = {
    kind: spec.kind,
    endpoints: slots(key, spec.count, spec.sticky !== undefined, '', map),
    ...affinity,
  };
  if (spec.kind !== 'local') return fromCluster;
  const fromOutside = chainOf(map('outside_frontends').get(key));
  const other = fromOutside === undefined ? undefined : parseChainName(fromOutside.replace(/^goto /, ''));
  if (other === undefined) return { ...fromCluster, fromOutside: refused ?? 'none' };
  return { ...fromCluster, fromOutside: slots(key, other.count, other.sticky !== undefined, 'outside_', map) };
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
    // If the kind of traffic differs, all other differences follow from it.
    if (a === undefined || b === undefined || a.traffic !== b.traffic) {
      differences.push({ ...base, what: 'traffic', expected: inWords(a), found: inWords(b) });
      continue;
    }
    for (const what of ['kind', 'endpoints', 'fromOutside', 'affinity', 'sources'] as const) {
      if (a[what] === b[what]) continue;
      differences.push({ ...base, what, expected: a[what] ?? 'nothing', found: b[what] ?? 'nothing' });
    }
  }
  return differences;
}

function inWords(entry: VipEntryView | undefined): string {
  return entry?.endpoints ?? entry?.traffic ?? 'nothing';
}
