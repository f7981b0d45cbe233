/**
 * The layout of a table: its sets and maps, the fields of their elements, and their keys. The chains that read them are in
 * `skeleton.ts` (permanent) and `chains.ts` (created and deleted with elements).
 *
 * @module
 */
import type { IpFamily } from '../../net/index.ts';
import type { ResolvedOptions } from './options.ts';

export const TABLE = 'switchboard';

/** The differences between the IPv4 and the IPv6 table. */
export interface Dialect {
  readonly family: 'ip' | 'ip6';
  readonly address: 'ipv4_addr' | 'ipv6_addr';
}

export const DIALECTS: Readonly<Record<IpFamily, Dialect>> = {
  IPv4: { family: 'ip', address: 'ipv4_addr' },
  IPv6: { family: 'ip6', address: 'ipv6_addr' },
};

/** Names a table in commands: `ip switchboard`. */
export function tableOf(family: IpFamily): string {
  return `${DIALECTS[family].family} ${TABLE}`;
}

/**
 * How a frontend is looked up: by address and port (`service`), or by port on any of the node's addresses (`node`). Each
 * kind has maps of its own, so a node port is one element and not one for each address.
 */
export type LookupKind = 'service' | 'node';

/** The prefix of a map's name. */
const PREFIX: Readonly<Record<LookupKind, string>> = { service: '', node: 'node_' };

export function mapName(lookup: LookupKind, map: LookupMap): string {
  return `${PREFIX[lookup]}${map}`;
}

/** The key of a lookup, as an nft expression. */
export function keyOf(family: IpFamily, lookup: LookupKind): string {
  const port = 'meta l4proto . th dport';
  return lookup === 'node' ? port : `${DIALECTS[family].family} daddr . ${port}`;
}

/** The maps of each lookup kind. `outside_`: for sources outside the cluster if externalTrafficPolicy is Local. */
export const LOOKUP_MAPS = [
  'frontends',
  'outside_frontends',
  'rejected',
  'dropped',
  'endpoints',
  'outside_endpoints',
  'sticky_services',
  'sticky_slots',
  'sticky_endpoints',
  'outside_sticky_slots',
  'outside_sticky_endpoints',
] as const;

export type LookupMap = (typeof LOOKUP_MAPS)[number];

/** A field of an element, as nftables names its type; `address` is that of the family. */
export type Field = 'address' | 'inet_proto' | 'inet_service' | 'classid' | 'mark' | 'verdict';

/** The fields of the elements of a set or map. */
export interface Schema {
  readonly key: readonly Field[];
  /** Of a map. */
  readonly data?: readonly Field[];
  /** Elements may be ranges: in the last field of a key of several, or of the one field. */
  readonly ranges?: true;
}

const SERVICE_FIELDS: readonly Field[] = ['address', 'inet_proto', 'inet_service'];
const NODE_FIELDS: readonly Field[] = ['inet_proto', 'inet_service'];

/** Sets of a table that both lookup kinds share, and that this program fills. */
export const SHARED_SETS: Readonly<Record<string, Schema & { readonly what: string }>> = {
  cluster_ips: { key: ['address'], what: 'every cluster IP: a port of it that no Service has is refused' },
  hairpin: {
    key: ['address', 'address'],
    what: 'endpoints on this node, each with itself: one that dials its own Service needs another source',
  },
  pod_networks: { key: ['address'], ranges: true, what: 'sources that are pods of this node or of the cluster' },
  service_networks: {
    key: ['address'],
    ranges: true,
    what: 'where cluster IPs come from: one that no Service has swallows what is sent there',
  },
  node_addresses: { key: ['address'], what: 'addresses of this node that take node ports' },
  ranged_frontends: { key: SERVICE_FIELDS, what: 'load-balancer addresses with source ranges' },
  allowed_sources: { key: [...SERVICE_FIELDS, 'address'], ranges: true, what: 'who may dial them' },
  // The kernel walks every verdict map whenever an element is added to one, so only this small map has verdicts.
  dispatch: { key: ['classid'], data: ['verdict'], what: 'the number of a chain -> the chain' },
  // A separate map: chains that the first one jumps to jump on through this one, and the kernel rejects cycles.
  outside_dispatch: { key: ['classid'], data: ['verdict'], what: 'the same, for sources outside the cluster' },
};

/** All sets and maps that this program fills, by name. */
export const SCHEMAS: ReadonlyMap<string, Schema> = new Map([
  ...Object.entries(SHARED_SETS),
  ...(['service', 'node'] as const).flatMap(lookup => {
    const key = lookup === 'node' ? NODE_FIELDS : SERVICE_FIELDS;
    return LOOKUP_MAPS.map((map): [string, Schema] => [mapName(lookup, map), mapSchema(map, key)]);
  }),
]);

function mapSchema(map: LookupMap, key: readonly Field[]): Schema {
  switch (map) {
    case 'rejected':
    case 'dropped':
      return { key };
    case 'frontends':
    case 'outside_frontends':
      return { key, data: ['classid'] };
    case 'endpoints':
    case 'outside_endpoints':
      return { key: ['classid', ...key], data: ['address', 'inet_service'] };
    case 'sticky_services':
      return { key, data: ['classid'] };
    case 'sticky_slots':
    case 'outside_sticky_slots':
      return { key: ['classid', ...key], data: ['mark'] };
    case 'sticky_endpoints':
    case 'outside_sticky_endpoints':
      return { key: ['mark', ...key], data: ['address', 'inet_service'] };
  }
}

/** Marks with ids of sticky endpoints begin with this byte, which distinguishes them from marks of other programs. */
export const STICKY_MARK = 0x5b000000;
export const STICKY_MARK_MASK = 0xff000000;

/** Jumps to the chain whose number the map has for the packet. The number is stored in the packet's priority. */
export function dispatchBy(lookup: LookupKind, family: IpFamily, map: 'frontends' | 'outside_frontends'): string {
  const found = `${keyOf(family, lookup)} map @${mapName(lookup, map)}`;
  return `meta priority set ${found} meta priority vmap @${map === 'frontends' ? 'dispatch' : 'outside_dispatch'}`;
}

/** The mark bit that says "to be masqueraded". */
export function bit(options: ResolvedOptions): string {
  return hex((1 << options.masqueradeBit) >>> 0);
}

export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
