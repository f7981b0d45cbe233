/**
 * The names of a table: its sets and maps with what their elements are made of, and what is looked up in them. The
 * chains that read them are in `skeleton.ts` (always there) and `chains.ts` (that come and go with elements).
 *
 * @module
 */
import type { IpFamily } from '../../kube/protocol.ts';
import type { Settings } from './settings.ts';

export const TABLE = 'switchboard';

/** What differs between the table of IPv4 and that of IPv6. */
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
 * A way in: what a client dials is an address and a port, or a port on any of the node's addresses. Each has maps of
 * its own, so that a node port is one element and not one for each address.
 */
export type Entrance = 'service' | 'node';

/** Before the name of a map or a chain. */
const PREFIX: Readonly<Record<Entrance, string>> = { service: '', node: 'node_' };

export function mapName(entrance: Entrance, map: EntranceMap): string {
  return `${PREFIX[entrance]}${map}`;
}

/** What is looked up for a packet at an entrance. */
export function keyOf(family: IpFamily, entrance: Entrance): string {
  const port = 'meta l4proto . th dport';
  return entrance === 'node' ? port : `${DIALECTS[family].family} daddr . ${port}`;
}

/** Maps that each entrance has; `outside_`: for sources outside the cluster, where externalTrafficPolicy is Local. */
export const ENTRANCE_MAPS = [
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

export type EntranceMap = (typeof ENTRANCE_MAPS)[number];

/** A field of an element, as nftables names its type; `address` is that of the family. */
export type Field = 'address' | 'inet_proto' | 'inet_service' | 'classid' | 'mark' | 'verdict';

/** What an element of a set or map is made of. */
export interface Schema {
  readonly key: readonly Field[];
  /** Of a map. */
  readonly data?: readonly Field[];
  /** Elements may be ranges: in the last field of a key of several, or of the one field. */
  readonly ranges?: true;
}

const SERVICE_FIELDS: readonly Field[] = ['address', 'inet_proto', 'inet_service'];
const NODE_FIELDS: readonly Field[] = ['inet_proto', 'inet_service'];

/** Sets of a table that both entrances share, and that this program fills. */
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
  // The kernel walks every map of verdicts whenever an element with one is added, so only this small one has them.
  dispatch: { key: ['classid'], data: ['verdict'], what: 'the number of a chain -> the chain' },
  // A map of its own: chains that are led to by the other lead on by this one, and the kernel allows no circle.
  outside_dispatch: { key: ['classid'], data: ['verdict'], what: 'the same, for sources outside the cluster' },
};

/** All sets and maps that this program fills, by name. */
export const SCHEMAS: ReadonlyMap<string, Schema> = new Map([
  ...Object.entries(SHARED_SETS),
  ...(['service', 'node'] as const).flatMap(entrance => {
    const key = entrance === 'node' ? NODE_FIELDS : SERVICE_FIELDS;
    return ENTRANCE_MAPS.map((map): [string, Schema] => [mapName(entrance, map), mapSchema(map, key)]);
  }),
]);

function mapSchema(map: EntranceMap, key: readonly Field[]): Schema {
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

/** The ids of sticky endpoints are marks that begin with this byte, so that they are told from marks of others. */
export const STICKY_MARK = 0x5b000000;
export const STICKY_MARK_MASK = 0xff000000;

/** Goes to the chain whose number a map has for the packet; the number stands in the packet's priority. */
export function dispatchBy(entrance: Entrance, family: IpFamily, map: 'frontends' | 'outside_frontends'): string {
  const found = `${keyOf(family, entrance)} map @${mapName(entrance, map)}`;
  return `meta priority set ${found} meta priority vmap @${map === 'frontends' ? 'dispatch' : 'outside_dispatch'}`;
}

/** The mark bit that says "to be masqueraded". */
export function bit(settings: Settings): string {
  return hex((1 << settings.masqueradeBit) >>> 0);
}

export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
