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
import { takesNodePortsEverywhere } from '../../routing/index.ts';
import {
  bit,
  DIALECTS,
  dispatchBy,
  ENTRANCE_MAPS,
  type Field,
  hex,
  keyOf,
  mapName,
  SCHEMAS,
  type Schema,
  SHARED_SETS,
  STICKY_MARK,
  STICKY_MARK_MASK,
  tableOf,
} from './layout.ts';
import type { Settings } from './settings.ts';

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

/** Loopback never takes node ports, whatever the addresses are. */
function nodeAddress(family: IpFamily, settings: Settings): string {
  const ip = DIALECTS[family].family;
  if (!takesNodePortsEverywhere(family, settings.nodePortAddresses)) return `${ip} daddr @node_addresses`;
  return `fib daddr type local ${ip} daddr != ${family === 'IPv4' ? '127.0.0.0/8' : '::1'}`;
}

function base(name: string, type: string, hook: string, priority: number, rules: readonly string[]): string {
  const head = `  type ${type} hook ${hook} priority ${priority}; policy accept;`;
  return [`chain ${name} {`, head, ...rules.map(rule => `  ${rule}`), '}'].join('\n');
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
