/**
 * The chains of frontends: one for each kind of frontend, number of endpoints and affinity timeout that occurs. A chain's
 * name contains everything that its rules depend on.
 *
 * @module
 */
import type { IpFamily } from '../../net/index.ts';
import {
  bit,
  DIALECTS,
  dispatchBy,
  hex,
  keyOf,
  type LookupKind,
  type LookupMap,
  mapName,
  STICKY_MARK,
} from './layout.ts';
import type { ResolvedOptions } from './options.ts';

/**
 * `cluster`: a cluster IP. `external`: any other frontend, policy Cluster. `local`: any other frontend, policy Local,
 * which separates sources in the cluster from those outside. `near`, `outside`: what those two get.
 */
export type ChainKind = 'cluster' | 'external' | 'local' | 'near' | 'outside';

export interface ChainSpec {
  readonly lookup: LookupKind;
  readonly kind: ChainKind;
  /** The number of endpoints to choose from, at least 1. */
  readonly count: number;
  /** Seconds; undefined: no affinity. */
  readonly sticky: number | undefined;
}

export function chainName({ lookup, kind, count, sticky }: ChainSpec): string {
  return `${lookup}-${kind}-${count}${sticky === undefined ? '' : `-sticky-${sticky}`}`;
}

/** @returns undefined if the name is not that of a chain that `chainName` makes */
export function parseChainName(name: string): ChainSpec | undefined {
  const match = /^(service|node)-(cluster|external|local|near|outside)-(\d+)(?:-sticky-(\d+))?$/.exec(name);
  if (match === null) return undefined;
  const lookup = match[1] === 'node' ? 'node' : 'service';
  const kind = KINDS.find(candidate => candidate === match[2]);
  if (kind === undefined) return undefined;
  return { lookup, kind, count: Number(match[3]), sticky: match[4] === undefined ? undefined : Number(match[4]) };
}

const KINDS: readonly ChainKind[] = ['cluster', 'external', 'local', 'near', 'outside'];

/** Chains that this chain jumps to, so they must exist before it. */
export function chainNeeds(spec: ChainSpec): ChainSpec[] {
  return spec.kind === 'local' ? [{ ...spec, kind: 'near' }] : [];
}

export function chainRules(family: IpFamily, spec: ChainSpec, options: ResolvedOptions): string[] {
  const mark = `meta mark set meta mark | ${bit(options)}`;
  switch (spec.kind) {
    case 'cluster':
      return [...clusterMasquerade(family, options, mark), ...pick(family, spec)];
    case 'external':
      return [mark, ...pick(family, spec)];
    case 'local': {
      const toNear = `goto ${chainName({ ...spec, kind: 'near' })}`;
      const pods = podSource(family, options, false);
      return [
        // The policy does not apply to pods of the cluster and to the node itself; their source address need not be kept.
        ...(pods === undefined ? [] : [`${pods} ${toNear}`]),
        `fib saddr type local ${mark} ${toNear}`,
        dispatchBy(spec.lookup, family, 'outside_frontends'),
      ];
    }
    case 'near':
    case 'outside':
      return pick(family, spec);
  }
}

/** Connections to a cluster IP are masqueraded unless a pod of this node sent them. */
function clusterMasquerade(family: IpFamily, options: ResolvedOptions, mark: string): string[] {
  if (options.masqueradeAll) return [mark];
  const others = podSource(family, options, true);
  return others === undefined ? [] : [`${others} ${mark}`];
}

/** Matches pods, or everything else. @returns undefined if the configuration cannot tell pods apart */
function podSource(family: IpFamily, { localTraffic }: ResolvedOptions, negated: boolean): string | undefined {
  const not = negated ? '!= ' : '';
  switch (localTraffic.kind) {
    case 'none':
      return undefined;
    case 'cidrs':
      if (!localTraffic.cidrs.some(cidr => cidr.family === family)) return undefined;
      return `${DIALECTS[family].family} saddr ${not}@pod_networks`;
    case 'bridge':
      return `iifname ${not}${quoted(localTraffic.name)}`;
    case 'interfacePrefix':
      return `iifname ${not}${quoted(`${localTraffic.prefix}*`)}`;
  }
}

/** Interface names are validated where they are read; this is the second line of defence. */
function quoted(name: string): string {
  return `"${name.replace(/[^A-Za-z0-9_.:@*-]/g, '')}"`;
}

/**
 * Draws a random slot, or takes the endpoint that the client had last. The slot is stored in the packet's priority for
 * the lookup, since nft 1.0.6 cannot use a random number as part of the key of a map whose data is address and port.
 * Forwarding resets the priority; of the node's own traffic, only the first packet of a connection loses its priority.
 */
function pick(family: IpFamily, { lookup, kind, count, sticky }: ChainSpec): string[] {
  const { family: ip } = DIALECTS[family];
  const key = keyOf(family, lookup);
  const map = (name: 'endpoints' | 'sticky_slots' | 'sticky_endpoints') => {
    const full: LookupMap = kind === 'outside' ? `outside_${name}` : name;
    return `@${mapName(lookup, full)}`;
  };
  const draw = `meta priority set numgen random mod ${count}`;
  const slot = `meta priority . ${key}`;
  if (sticky === undefined) return [`${draw} dnat ${ip} to ${slot} map ${map('endpoints')}`];
  const client = clientKey(family);
  const service = [`meta priority set ${key} map @${mapName(lookup, 'sticky_services')}`, ...hashedClient(family)];
  const remember = `update @sticky_clients { ${client} timeout ${sticky}s : ct mark }`;
  const translate = `dnat ${ip} to ct mark . ${key} map ${map('sticky_endpoints')}`;
  return [
    ...service,
    `ct mark set ${client} map @sticky_clients ${remember} ${translate}`,
    // A new client, or one whose endpoint is gone. `update` does not replace data, so the stale element is deleted first.
    `delete @sticky_clients { ${client} : ct mark }`,
    draw,
    `ct mark set ${slot} map ${map('sticky_slots')}`,
    ...service,
    // A separate rule: if the map is full, the client is not remembered, but the connection still works.
    remember,
    translate,
  ];
}

/** The key of a client of a Service port; the port's id is in the packet's priority. */
function clientKey(family: IpFamily): string {
  return family === 'IPv4' ? 'ip saddr . meta priority' : 'meta priority';
}

/**
 * nft 1.0.6 aborts with a failed assertion on an `update` of a map whose key is longer than 16 bytes, so an IPv6 client
 * is remembered by 32 bits of hash over its address and the Service port. Two that share them share an endpoint.
 */
function hashedClient(family: IpFamily): string[] {
  return family === 'IPv4' ? [] : ['meta priority set jhash ip6 saddr . meta priority mod 0xffffffff seed 0x5b17c4b0'];
}

/** The conntrack mark that carries an endpoint's id. `id`: 1 to 0xffffff. */
export function stickyMark(id: number): string {
  return hex((STICKY_MARK | id) >>> 0);
}
