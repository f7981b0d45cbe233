/**
 * What the kernel has of one route: its VIP entries, and its endpoints in slots. A program is computed from the route and
 * the previous program, so that endpoints that stay keep their slots and ids.
 *
 * @module
 */

import { type Cidr, cidrContains, type IpFamily, type Protocol } from '../../net/index.ts';
import type { Delivery, ProxiedRoute, RouteKey } from '../../routing/index.ts';
import type { PlacedFrontend } from './addresses.ts';
import type { LookupKind } from './layout.ts';
import { placeInSlots } from './slots.ts';

/** How a frontend is looked up: the key of its elements and the rules that apply. */
export interface VipEntry {
  readonly lookup: LookupKind;
  /** The key of the elements: `10.96.0.10 . 6 . 80`, or `6 . 30080`. */
  readonly key: string;
  readonly kind: 'cluster' | 'external' | 'local';
  /** The allowed sources; undefined: all. */
  readonly ranges: readonly string[] | undefined;
}

/** What a kind of traffic gets: endpoints, each as `address . port`, or a rejection or drop. */
export type Pool = { readonly slots: readonly string[] } | 'reject' | 'drop';

export interface Sticky {
  readonly seconds: number;
  /** Of the Service port, for all its frontends. */
  readonly id: number;
  /** Of each endpoint. */
  readonly ids: ReadonlyMap<string, number>;
}

export interface RouteProgram {
  readonly route: RouteKey;
  readonly family: IpFamily;
  readonly entries: readonly VipEntry[];
  readonly internal: Pool;
  readonly external: Pool;
  /** For connections to an external frontend from inside the cluster. */
  readonly fromCluster: Pool;
  readonly sticky: Sticky | undefined;
  /** Cluster IPs that the route answers on. */
  readonly clusterIPs: readonly string[];
  /** Addresses of endpoints on this node. */
  readonly hairpin: readonly string[];
  /** UDP: the endpoints whose flows may continue, including those that get no new flows. */
  readonly serving: ReadonlySet<string> | undefined;
}

/** The slots and ids of a route so far, from its last program or from the kernel. */
export interface Before {
  readonly internal: readonly (string | undefined)[];
  readonly external: readonly (string | undefined)[];
  readonly fromCluster: readonly (string | undefined)[];
  readonly stickyId: number | undefined;
  readonly stickyIds: ReadonlyMap<string, number>;
}

const NO_SLOTS: readonly string[] = [];

export const NOTHING_BEFORE: Before = {
  internal: NO_SLOTS,
  external: NO_SLOTS,
  fromCluster: NO_SLOTS,
  stickyId: undefined,
  stickyIds: new Map(),
};

export function beforeOf(program: RouteProgram): Before {
  const slots = (pool: Pool) => (typeof pool === 'string' ? NO_SLOTS : pool.slots);
  return {
    internal: slots(program.internal),
    external: slots(program.external),
    fromCluster: slots(program.fromCluster),
    stickyId: program.sticky?.id,
    stickyIds: program.sticky?.ids ?? new Map(),
  };
}

/** @param newId returns an id that no Service port and no endpoint has */
export function programOf(
  route: ProxiedRoute,
  frontends: readonly PlacedFrontend[],
  before: Before,
  newId: () => number,
): RouteProgram {
  const pool = poolMaker();
  const internal = pool(route.internal, before.internal);
  const external = pool(route.external, before.external);
  const fromCluster = pool(route.externalFromLocal, before.fromCluster);
  const used = [...new Set([internal, external, fromCluster])].flatMap(pool =>
    typeof pool === 'string' ? [] : pool.slots,
  );
  return {
    route: route.key,
    family: route.family,
    entries: frontends.map(frontend => vipEntryOf(route, frontend)),
    internal,
    external,
    fromCluster,
    sticky: stickyOf(route, used, before, newId),
    clusterIPs: frontends.flatMap(frontend => (frontend.kind === 'clusterIP' ? frontend.address : [])),
    hairpin: [...new Set(localAddresses(route))],
    serving: route.protocol === 'UDP' ? servingOf(route) : undefined,
  };
}

const PROTOCOL_NUMBERS: Readonly<Record<Protocol, number>> = { TCP: 6, UDP: 17, SCTP: 132 };

export function serviceKey(address: string, protocol: Protocol, port: number): string {
  return `${address} . ${PROTOCOL_NUMBERS[protocol]} . ${port}`;
}

export function nodeKey(protocol: Protocol, port: number): string {
  return `${PROTOCOL_NUMBERS[protocol]} . ${port}`;
}

/** How a frontend is looked up. */
export function vipEntryOf(route: ProxiedRoute, frontend: PlacedFrontend): VipEntry {
  const external = route.externalTrafficPolicy === 'Local' ? 'local' : 'external';
  if (frontend.kind === 'nodePort') {
    const key = nodeKey(route.protocol, frontend.port);
    return { lookup: 'node', key, kind: external, ranges: undefined };
  }
  return {
    lookup: 'service',
    key: serviceKey(frontend.address, route.protocol, frontend.port),
    kind: frontend.kind === 'clusterIP' ? 'cluster' : external,
    ranges: frontend.kind === 'loadBalancer' && route.sourceRanges.length > 0 ? admitted(route, frontend) : undefined,
  };
}

/** Leaves out ranges inside another range: the elements of a set of ranges must not overlap. */
function admitted(route: ProxiedRoute, frontend: Extract<PlacedFrontend, { kind: 'loadBalancer' }>): string[] {
  const own = frontend.ownSources.filter(address => !route.sourceRanges.some(range => cidrContains(range, address)));
  const ranges = route.sourceRanges.filter((range, i) =>
    route.sourceRanges.every((other, j) => i === j || !covers(other, range) || (covers(range, other) && i < j)),
  );
  return [...ranges.map(rangeText), ...new Set(own)];
}

function covers(outer: Cidr, inner: Cidr): boolean {
  return outer.prefix <= inner.prefix && cidrContains(outer, inner.network);
}

/** As nft writes it: the range of one address is the address. */
export function rangeText({ family, network, prefix }: Cidr): string {
  return prefix === (family === 'IPv4' ? 32 : 128) ? network : `${network}/${prefix}`;
}

/** Makes the pools of one route, and shares a pool between kinds of traffic with the same endpoints to save memory. */
function poolMaker(): (delivery: Delivery, before: Before['internal']) => Pool {
  const made: { readonly delivery: Delivery; readonly before: Before['internal']; readonly pool: Pool }[] = [];
  return (delivery, before) => {
    const known = made.find(one => one.delivery === delivery && one.before === before);
    if (known !== undefined) return known.pool;
    const pool = poolOf(delivery, before);
    made.push({ delivery, before, pool });
    return pool;
  };
}

function poolOf(delivery: Delivery, before: readonly (string | undefined)[]): Pool {
  if (delivery.kind !== 'endpoints') return delivery.kind;
  const wanted = new Set(delivery.endpoints.map(({ address, port }) => `${address} . ${port}`));
  // A copy has no spare capacity: a cluster has as many of these lists as Services.
  return { slots: placeInSlots(before, [...wanted]).slice() };
}

function stickyOf(
  route: ProxiedRoute,
  used: readonly string[],
  before: Before,
  newId: () => number,
): Sticky | undefined {
  if (route.affinityTimeoutSeconds === undefined) return undefined;
  const ids = new Map<string, number>();
  for (const endpoint of used) {
    if (!ids.has(endpoint)) ids.set(endpoint, before.stickyIds.get(endpoint) ?? newId());
  }
  return { seconds: route.affinityTimeoutSeconds, id: before.stickyId ?? newId(), ids };
}

function servingOf(route: ProxiedRoute): Set<string> {
  const serving = route.endpoints.filter(endpoint => endpoint.ready || endpoint.serving);
  return new Set(serving.map(({ address, port }) => `${address} . ${port}`));
}

/** Addresses of endpoints on this node that the route uses, with repetitions. */
export function* localAddresses(route: ProxiedRoute): Generator<string> {
  for (const delivery of [route.internal, route.external, route.externalFromLocal]) {
    if (delivery.kind !== 'endpoints') continue;
    for (const endpoint of delivery.endpoints) if (endpoint.local) yield endpoint.address;
  }
}
