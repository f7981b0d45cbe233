/**
 * Chains by what leads to them: one for each kind of frontend, number of endpoints and affinity timeout that occurs.
 * Their names say all that their rules depend on.
 *
 * @module
 */
import type { IpFamily } from '../../kube/protocol.ts';
import {
  bit,
  DIALECTS,
  dispatchBy,
  type Entrance,
  type EntranceMap,
  hex,
  keyOf,
  mapName,
  STICKY_MARK,
} from './layout.ts';
import type { Settings } from './settings.ts';

/**
 * `cluster`: a cluster IP. `external`: any other frontend, policy Cluster. `local`: any other frontend, policy Local,
 * which parts sources in the cluster from those outside. `near`, `outside`: what those two get.
 */
export type ChainKind = 'cluster' | 'external' | 'local' | 'near' | 'outside';

export interface ChainSpec {
  readonly entrance: Entrance;
  readonly kind: ChainKind;
  /** How many endpoints there are to choose from; at least 1. */
  readonly count: number;
  /** Seconds; undefined: no affinity. */
  readonly sticky: number | undefined;
}

export function chainName({ entrance, kind, count, sticky }: ChainSpec): string {
  return `${entrance}-${kind}-${count}${sticky === undefined ? '' : `-sticky-${sticky}`}`;
}

/** @returns undefined if the name is none of a chain that is made here */
export function parseChainName(name: string): ChainSpec | undefined {
  const match = /^(service|node)-(cluster|external|local|near|outside)-(\d+)(?:-sticky-(\d+))?$/.exec(name);
  if (match === null) return undefined;
  const entrance = match[1] === 'node' ? 'node' : 'service';
  const kind = KINDS.find(candidate => candidate === match[2]);
  if (kind === undefined) return undefined;
  return { entrance, kind, count: Number(match[3]), sticky: match[4] === undefined ? undefined : Number(match[4]) };
}

const KINDS: readonly ChainKind[] = ['cluster', 'external', 'local', 'near', 'outside'];

/** Chains that the chain goes to, and that must be there before it. */
export function chainNeeds(spec: ChainSpec): ChainSpec[] {
  return spec.kind === 'local' ? [{ ...spec, kind: 'near' }] : [];
}

export function chainRules(family: IpFamily, spec: ChainSpec, settings: Settings): string[] {
  const mark = `meta mark set meta mark | ${bit(settings)}`;
  switch (spec.kind) {
    case 'cluster':
      return [...clusterMasquerade(family, settings, mark), ...pick(family, spec)];
    case 'external':
      return [mark, ...pick(family, spec)];
    case 'local': {
      const near = `goto ${chainName({ ...spec, kind: 'near' })}`;
      const pods = podSource(family, settings, false);
      return [
        // A pod of the cluster and the node itself are not bound by the policy; the node's address is not kept.
        ...(pods === undefined ? [] : [`${pods} ${near}`]),
        `fib saddr type local ${mark} ${near}`,
        dispatchBy(spec.entrance, family, 'outside_frontends'),
      ];
    }
    case 'near':
    case 'outside':
      return pick(family, spec);
  }
}

/** What is dialled on a cluster IP is masqueraded unless a pod of this node sent it. */
function clusterMasquerade(family: IpFamily, settings: Settings, mark: string): string[] {
  if (settings.masqueradeAll) return [mark];
  const others = podSource(family, settings, true);
  return others === undefined ? [] : [`${others} ${mark}`];
}

/** Matches pods, or everything else. @returns undefined where nobody tells them apart */
function podSource(family: IpFamily, { localTraffic }: Settings, negated: boolean): string | undefined {
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

/** Interface names are checked where they are read; this holds whatever is asked for. */
function quoted(name: string): string {
  return `"${name.replace(/[^A-Za-z0-9_.:@*-]/g, '')}"`;
}

/**
 * Draws a slot, or takes the endpoint that the client had last. The slot stands in the packet's priority for the
 * look-up, since nft 1.0.6 cannot use a drawn number as part of the key of a map whose data is address and port.
 * Forwarding sets the priority anew; of what this node sends itself only the first packet of a connection loses its own.
 */
function pick(family: IpFamily, { entrance, kind, count, sticky }: ChainSpec): string[] {
  const { family: ip } = DIALECTS[family];
  const key = keyOf(family, entrance);
  const map = (name: 'endpoints' | 'sticky_slots' | 'sticky_endpoints') => {
    const full: EntranceMap = kind === 'outside' ? `outside_${name}` : name;
    return `@${mapName(entrance, full)}`;
  };
  const draw = `meta priority set numgen random mod ${count}`;
  const slot = `meta priority . ${key}`;
  if (sticky === undefined) return [`${draw} dnat ${ip} to ${slot} map ${map('endpoints')}`];
  const client = clientKey(family);
  const service = [`meta priority set ${key} map @${mapName(entrance, 'sticky_services')}`, ...hashedClient(family)];
  const remember = `update @sticky_clients { ${client} timeout ${sticky}s : ct mark }`;
  const translate = `dnat ${ip} to ct mark . ${key} map ${map('sticky_endpoints')}`;
  return [
    ...service,
    `ct mark set ${client} map @sticky_clients ${remember} ${translate}`,
    // Here: a new client, or one whose endpoint is gone. `update` does not replace data, so what is stale goes first.
    `delete @sticky_clients { ${client} : ct mark }`,
    draw,
    `ct mark set ${slot} map ${map('sticky_slots')}`,
    ...service,
    // A rule of its own: when the map is full nothing is remembered, and the connection is carried all the same.
    remember,
    translate,
  ];
}

/** What stands for a client of a Service port, whose id is the packet's priority. */
function clientKey(family: IpFamily): string {
  return family === 'IPv4' ? 'ip saddr . meta priority' : 'meta priority';
}

/**
 * nft 1.0.6 ends with a failed assertion on an `update` of a map whose key is longer than 16 bytes, so an IPv6 client
 * is remembered by 32 bits of hash over its address and the Service port. Two that share them share an endpoint.
 */
function hashedClient(family: IpFamily): string[] {
  return family === 'IPv4' ? [] : ['meta priority set jhash ip6 saddr . meta priority mod 0xffffffff seed 0x5b17c4b0'];
}

/** An endpoint's id as the mark that carries it. `id`: 1 to 0xffffff. */
export function stickyMark(id: number): string {
  return hex((STICKY_MARK | id) >>> 0);
}
