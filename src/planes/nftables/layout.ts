/**
 * The table as it is for every cluster: its sets and maps, and the chains that read them. What a cluster has are
 * elements (`elements.ts`) and one chain for each number of endpoints that occurs (`chains.ts`).
 *
 * The way of a packet, first of its connection: the nat chains look its destination up in `frontends` and end in a
 * chain that draws a slot and reads the endpoint from `endpoints`. What was not translated meets the filter chains,
 * which refuse or drop what a Service names and nobody serves. Packets of known connections meet none of this.
 *
 * @module
 */
import { fnv1a } from '../../kube/hash.ts';
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
const SHARED_SETS: Readonly<Record<string, Schema & { readonly what: string }>> = {
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

/** Clients whose endpoint is remembered, in each family; with more than that new ones are spread without memory. */
const STICKY_CLIENTS = 262_144;

function declarations(family: IpFamily): string[] {
  const { address } = DIALECTS[family];
  const types = (fields: readonly Field[]) => fields.map(field => (field === 'address' ? address : field)).join(' . ');
  const declared = (name: string, { key, data, ranges }: Schema) =>
    data === undefined
      ? `set ${name} { type ${types(key)};${ranges === true ? ' flags interval;' : ''} }`
      : `map ${name} { type ${types(key)} : ${types(data)}; }`;
  const lines = Object.entries(SHARED_SETS).flatMap(([name, schema]) => [`# ${schema.what}`, declared(name, schema)]);
  lines.push(
    '# client and Service port -> id of the endpoint that it had last',
    `map sticky_clients { type ${family === 'IPv4' ? 'ipv4_addr . classid' : 'classid'} : mark; flags dynamic,timeout; size ${STICKY_CLIENTS}; }`,
  );
  for (const entrance of ['service', 'node'] as const) {
    lines.push(entrance === 'service' ? '# by address, protocol and port' : '# by protocol and port of a node address');
    for (const map of ENTRANCE_MAPS) {
      const name = mapName(entrance, map);
      lines.push(declared(name, SCHEMAS.get(name) ?? { key: [] }));
    }
  }
  return lines;
}

/** Protocols are numbers throughout: their names need /etc/protocols, which small images lack. */
const TCP = 6;

function chains(family: IpFamily, settings: Settings): string[] {
  const ip = DIALECTS[family].family;
  const service = keyOf(family, 'service');
  const node = keyOf(family, 'node');
  const toNode = nodeAddress(family, settings);
  const outOfRange = `${service} @ranged_frontends ${service} . ${ip} saddr != @allowed_sources drop`;
  const fresh = 'ct state new ct status & dnat != dnat';
  return [
    'chain refuse {',
    `  meta l4proto ${TCP} reject with tcp reset`,
    '  reject',
    '}',
    'chain services {',
    `  ${dispatchBy('service', family, 'frontends')}`,
    `  ${toNode} ${dispatchBy('node', family, 'frontends')}`,
    '}',
    'chain unserved {',
    `  ${service} @rejected goto refuse`,
    `  ${service} @dropped drop`,
    `  ${toNode} ${node} @node_rejected goto refuse`,
    `  ${toNode} ${node} @node_dropped drop`,
    '}',
    'chain unclaimed {',
    `  ${ip} daddr @cluster_ips goto refuse`,
    `  ${ip} daddr @service_networks drop`,
    '}',
    // The mark carried the endpoint's id to the look-up; nobody else is to take it for theirs.
    'chain forget {',
    `  ct mark & ${hex(STICKY_MARK_MASK)} == ${hex(STICKY_MARK)} ct mark set 0`,
    '}',
    // A connection may name an endpoint directly that some Service has, too: only what we translated is masqueraded.
    'chain masquerading {',
    `  meta mark & ${bit(settings)} != 0 meta mark set meta mark & ${hex(~(1 << settings.masqueradeBit) >>> 0)} masquerade fully-random`,
    `  ${ip} saddr . ${ip} daddr @hairpin masquerade fully-random`,
    '}',
    base('nat-prerouting', 'nat', 'prerouting', -100, ['jump services']),
    base('nat-output', 'nat', 'output', -100, ['jump services']),
    base('nat-input', 'nat', 'input', 100, ['ct status & dnat == dnat jump forget']),
    base('nat-postrouting', 'nat', 'postrouting', 100, [
      'ct status & dnat != dnat return',
      'jump forget',
      'jump masquerading',
    ]),
    // Source ranges bind whoever dials, so they are looked at before the address is translated.
    base('filter-prerouting', 'filter', 'prerouting', -110, [`ct state new ${outOfRange}`]),
    base('filter-output-dialled', 'filter', 'output', -110, [`ct state new ${outOfRange}`]),
    base('filter-input', 'filter', 'input', -110, [`${fresh} jump unserved`]),
    base('filter-forward', 'filter', 'forward', -110, [`${fresh} jump unserved`, `${fresh} jump unclaimed`]),
    base('filter-output', 'filter', 'output', -90, [`${fresh} jump unserved`, `${fresh} jump unclaimed`]),
  ].flatMap(text => text.split('\n'));
}

/** Goes to the chain whose number a map has for the packet; the number stands in the packet's priority. */
export function dispatchBy(entrance: Entrance, family: IpFamily, map: 'frontends' | 'outside_frontends'): string {
  const found = `${keyOf(family, entrance)} map @${mapName(entrance, map)}`;
  return `meta priority set ${found} meta priority vmap @${map === 'frontends' ? 'dispatch' : 'outside_dispatch'}`;
}

/** Loopback never takes node ports, whatever the addresses are. */
function nodeAddress(family: IpFamily, settings: Settings): string {
  const ip = DIALECTS[family].family;
  if (!takesAllAddresses(family, settings)) return `${ip} daddr @node_addresses`;
  return `fib daddr type local ${ip} daddr != ${family === 'IPv4' ? '127.0.0.0/8' : '::1'}`;
}

/** Ranges of one family leave the other with all of its addresses, as kube-proxy reads them. */
export function takesAllAddresses(family: IpFamily, settings: Settings): boolean {
  const { nodePortAddresses } = settings;
  if (typeof nodePortAddresses === 'string') return nodePortAddresses === 'all';
  const ranges = nodePortAddresses.filter(range => range.family === family);
  return ranges.length === 0 || ranges.some(range => range.prefix === 0);
}

function base(name: string, type: string, hook: string, priority: number, rules: readonly string[]): string {
  const head = `  type ${type} hook ${hook} priority ${priority}; policy accept;`;
  return [`chain ${name} {`, head, ...rules.map(rule => `  ${rule}`), '}'].join('\n');
}

/** The mark bit that says "to be masqueraded". */
export function bit(settings: Settings): string {
  return hex((1 << settings.masqueradeBit) >>> 0);
}

export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** How many rules each chain of a skeleton has. */
export function ruleCounts(skeleton: Skeleton): Map<string, number> {
  const counts = new Map<string, number>();
  let chain: string | undefined;
  for (const line of skeleton.text.split('\n').map(text => text.trim())) {
    const head = /^chain (\S+) \{$/.exec(line);
    if (head?.[1] !== undefined) chain = head[1];
    else if (line === '}') chain = undefined;
    else if (chain !== undefined && !line.startsWith('type ')) counts.set(chain, (counts.get(chain) ?? 0) + 1);
  }
  return counts;
}

/** A table as it is before it has an element. */
export interface Skeleton {
  readonly family: IpFamily;
  /** A command that makes the whole table. */
  readonly text: string;
  /** An empty chain whose name depends on all of the text: a table that has it was made by this program, as it is now. */
  readonly marker: string;
  /** Chains that are always there. */
  readonly chains: ReadonlySet<string>;
}

export function skeletonOf(family: IpFamily, settings: Settings): Skeleton {
  const lines = [...declarations(family), ...chains(family, settings)];
  // How chains are made is part of the layout: a chain of an older version must not be taken for one of this.
  const marker = `layout-${hex(fnv1a(`${LAYOUT} ${JSON.stringify(settings.localTraffic)} ${settings.masqueradeAll} ${lines.join('\n')}`)).slice(2)}`;
  const all = [...lines, `chain ${marker} {`, '}'];
  const names = all.flatMap(line => /^chain (\S+) /.exec(line)?.[1] ?? []);
  const text = `table ${tableOf(family)} {\n${all.map(line => `  ${line}`).join('\n')}\n}\n`;
  return { family, text, marker, chains: new Set(names) };
}

/**
 * Commands that give every chain its rules again and leave the elements alone.
 *
 * @param made chains that came with elements; those whose name is none of ours are left alone
 */
export function rewriteRules(
  skeleton: Skeleton,
  made: readonly string[],
  rulesOf: (chain: string) => readonly string[],
): string {
  const table = tableOf(skeleton.family);
  const flushed = [...skeleton.chains, ...made].map(name => `flush chain ${table} ${name}\n`);
  const rules = made.flatMap(name => rulesOf(name).map(rule => `add rule ${table} ${name} ${rule}\n`));
  return `${flushed.join('')}${skeleton.text}${rules.join('')}`;
}

/** To be raised whenever `chains.ts` writes other rules. */
const LAYOUT = 1;
