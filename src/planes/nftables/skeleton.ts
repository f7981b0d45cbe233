/**
 * The permanent part of a table: its sets and maps, and the chains that read them. A cluster's Services are elements
 * (`elements.ts`) and one chain for each number of endpoints that occurs (`chains.ts`).
 *
 * The path of the first packet of a connection: the nat chains look up its destination in `frontends` and jump to a chain
 * that draws a random slot and reads the endpoint from `endpoints`. Packets that were not translated reach the filter
 * chains, which reject or drop those for a Service without endpoints. Packets of known connections skip all of this.
 *
 * @module
 */
import { fnv1a } from '../../data/index.ts';
import type { IpFamily } from '../../net/index.ts';
import { takesNodePortsEverywhere } from '../../routing/index.ts';
import {
  bit,
  DIALECTS,
  dispatchBy,
  type Field,
  hex,
  keyOf,
  LOOKUP_MAPS,
  mapName,
  SCHEMAS,
  type Schema,
  SHARED_SETS,
  STICKY_MARK,
  STICKY_MARK_MASK,
  tableOf,
} from './layout.ts';
import type { ResolvedOptions } from './options.ts';

/** The number of clients whose endpoint is remembered in each family; further clients have no affinity. */
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
  for (const lookup of ['service', 'node'] as const) {
    lines.push(lookup === 'service' ? '# by address, protocol and port' : '# by protocol and port of a node address');
    for (const map of LOOKUP_MAPS) {
      const name = mapName(lookup, map);
      lines.push(declared(name, SCHEMAS.get(name) ?? { key: [] }));
    }
  }
  return lines;
}

/** Protocols are written as numbers: their names need /etc/protocols, which small images lack. */
const TCP = 6;

function chains(family: IpFamily, options: ResolvedOptions): string[] {
  const ip = DIALECTS[family].family;
  const service = keyOf(family, 'service');
  const node = keyOf(family, 'node');
  const toNode = nodeAddress(family, options);
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
    // The mark carried the endpoint's id to the lookup; clear it before other programs see it.
    'chain forget {',
    `  ct mark & ${hex(STICKY_MARK_MASK)} == ${hex(STICKY_MARK)} ct mark set 0`,
    '}',
    // A client may also dial an endpoint of a Service directly: only translated connections are masqueraded.
    'chain masquerading {',
    `  meta mark & ${bit(options)} != 0 meta mark set meta mark & ${hex(~(1 << options.masqueradeBit) >>> 0)} masquerade fully-random`,
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
    // Source ranges apply to the address that the client dialled, so they are checked before it is translated.
    base('filter-prerouting', 'filter', 'prerouting', -110, [`ct state new ${outOfRange}`]),
    base('filter-output-dialled', 'filter', 'output', -110, [`ct state new ${outOfRange}`]),
    base('filter-input', 'filter', 'input', -110, [`${fresh} jump unserved`]),
    base('filter-forward', 'filter', 'forward', -110, [`${fresh} jump unserved`, `${fresh} jump unclaimed`]),
    base('filter-output', 'filter', 'output', -90, [`${fresh} jump unserved`, `${fresh} jump unclaimed`]),
  ].flatMap(text => text.split('\n'));
}

/** Loopback addresses never accept node ports. */
function nodeAddress(family: IpFamily, options: ResolvedOptions): string {
  const ip = DIALECTS[family].family;
  if (!takesNodePortsEverywhere(family, options.nodePortAddresses)) return `${ip} daddr @node_addresses`;
  return `fib daddr type local ${ip} daddr != ${family === 'IPv4' ? '127.0.0.0/8' : '::1'}`;
}

function base(name: string, type: string, hook: string, priority: number, rules: readonly string[]): string {
  const head = `  type ${type} hook ${hook} priority ${priority}; policy accept;`;
  return [`chain ${name} {`, head, ...rules.map(rule => `  ${rule}`), '}'].join('\n');
}

/** The number of rules of each chain of a skeleton. */
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

/** A table without elements. */
export interface Skeleton {
  readonly family: IpFamily;
  /** The command that creates the whole table. */
  readonly text: string;
  /** An empty chain whose name is a hash of the text: a table that has it was made by this version with these options. */
  readonly marker: string;
  /** The permanent chains. */
  readonly chains: ReadonlySet<string>;
}

export function skeletonOf(family: IpFamily, options: ResolvedOptions): Skeleton {
  const lines = [...declarations(family), ...chains(family, options)];
  // The version of `chains.ts` is part of the layout: chains of an older version must not be mistaken for current ones.
  const marker = `layout-${hex(fnv1a(`${LAYOUT} ${JSON.stringify(options.localTraffic)} ${options.masqueradeAll} ${lines.join('\n')}`)).slice(2)}`;
  const all = [...lines, `chain ${marker} {`, '}'];
  const names = all.flatMap(line => /^chain (\S+) /.exec(line)?.[1] ?? []);
  const text = `table ${tableOf(family)} {\n${all.map(line => `  ${line}`).join('\n')}\n}\n`;
  return { family, text, marker, chains: new Set(names) };
}

/**
 * The commands that rewrite the rules of every chain and leave the elements alone.
 *
 * @param made the chains that were created with elements
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

/** Increase this whenever `chains.ts` writes other rules. */
const LAYOUT = 1;
