/**
 * Reads a table back as elements. Only sets, maps and the names of chains are read: rules are named by their chains,
 * and nft 1.0.6 cannot write them as JSON.
 *
 * @module
 */
import { SwitchboardError } from '../../errors.ts';
import { canonicalAddress } from '../../kube/address.ts';
import { IP_FAMILIES, type IpFamily } from '../../kube/protocol.ts';
import { parseChainName } from './chains.ts';
import { CHAINS, type Elements } from './edits.ts';
import { classId } from './elements.ts';
import { isRecord, parseJson } from './json.ts';
import { DIALECTS, ENTRANCE_MAPS, hex, mapName, SHARED_SETS, type Skeleton, TABLE, tableOf } from './layout.ts';
import type { Nft } from './nft/nft.ts';

/**
 * @returns undefined if there is no such table, or one that this version of the program did not make: its elements
 * mean nothing then
 * @throws SWB_NFT_FAILED if nftables cannot be read
 */
export async function readTable(nft: Nft, skeleton: Skeleton): Promise<Elements | undefined> {
  const { family } = skeleton;
  const chains = (await listChains(nft)).get(family);
  if (chains === undefined || !chains.has(skeleton.marker)) return undefined;
  for (const name of skeleton.chains) if (!chains.has(name)) return undefined;
  const elements: Elements = new Map();
  const known = [...chains].filter(name => !skeleton.chains.has(name));
  // A chain that was made by hand is left alone, and so is whatever leads to it.
  elements.set(CHAINS, new Map(known.flatMap(name => (parseChainName(name) === undefined ? [] : [[name, '']]))));
  const table = tableOf(family);
  const maps = (['service', 'node'] as const).flatMap(entrance => ENTRANCE_MAPS.map(map => mapName(entrance, map)));
  const commands = [
    ...SHARED_SETS.map(name => `list set ${table} ${name}`),
    ...maps.map(name => `list map ${table} ${name}`),
  ];
  for (const command of commands) {
    const result = await nft.run(command, { json: true });
    // A set that is gone was deleted by hand: the table is not as we made it.
    if (!result.ok) return undefined;
    for (const entry of entriesOf(result.output)) {
      const set = isRecord(entry.set) ? entry.set : isRecord(entry.map) ? entry.map : undefined;
      if (set === undefined || typeof set.name !== 'string') continue;
      elements.set(set.name, elementsOf(set.elem));
    }
  }
  return elements;
}

/** Chains of our tables by family; a family without a table is missing. */
async function listChains(nft: Nft): Promise<Map<IpFamily, Set<string>>> {
  const result = await nft.run('list chains', { json: true });
  if (!result.ok) throw new SwitchboardError('SWB_NFT_FAILED', `nftables cannot be read: ${result.error}`);
  const chains = new Map<IpFamily, Set<string>>();
  for (const { chain } of entriesOf(result.output)) {
    if (!isRecord(chain) || chain.table !== TABLE || typeof chain.name !== 'string') continue;
    const family = IP_FAMILIES.find(candidate => DIALECTS[candidate].family === chain.family);
    if (family === undefined) continue;
    const names = chains.get(family) ?? new Set();
    names.add(chain.name);
    chains.set(family, names);
  }
  return chains;
}

/**
 * How many rules each chain of a table has. Their text is not compared: nft writes them otherwise than they were given,
 * and each version in its own way.
 */
export async function readRuleCounts(nft: Nft, family: IpFamily): Promise<Map<string, number>> {
  const result = await nft.run(`list table ${tableOf(family)}`, { terse: true });
  if (!result.ok) throw new SwitchboardError('SWB_NFT_FAILED', `nftables cannot be read: ${result.error}`);
  const counts = new Map<string, number>();
  let chain: string | undefined;
  for (const line of result.output.split('\n')) {
    const head = /^\s*(chain|set|map) (\S+) \{/.exec(line);
    if (head !== null) chain = head[1] === 'chain' ? head[2] : undefined;
    else if (/^\s*\}/.test(line)) chain = undefined;
    else if (chain !== undefined && !/^\s*type \w+ hook /.test(line) && line.trim() !== '') {
      counts.set(chain, (counts.get(chain) ?? 0) + 1);
    }
  }
  return counts;
}

/** Tables that are there, as `ip kube-proxy`. */
export async function listTables(nft: Nft): Promise<string[]> {
  const result = await nft.run('list tables', { json: true });
  if (!result.ok) throw new SwitchboardError('SWB_NFT_FAILED', `nftables cannot be read: ${result.error}`);
  return entriesOf(result.output).flatMap(({ table }) =>
    isRecord(table) && typeof table.name === 'string' && typeof table.family === 'string'
      ? [`${table.family} ${table.name}`]
      : [],
  );
}

function entriesOf(output: string): Record<string, unknown>[] {
  const parsed = parseJson(output);
  const list = isRecord(parsed) ? parsed.nftables : undefined;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

/** A map's element is a pair, a set's a value. */
function elementsOf(list: unknown): Map<string, string> {
  const elements = new Map<string, string>();
  if (!Array.isArray(list)) return elements;
  for (const entry of list) {
    if (Array.isArray(entry)) elements.set(textOf(entry[0]), textOf(entry[1]));
    else elements.set(textOf(entry), '');
  }
  return elements;
}

/** The text that `elements.ts` writes for the same value. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return addressOrWord(value);
  // Marks are the only numbers above 65,535.
  if (typeof value === 'number') return value > 0xffff ? hex(value) : String(value);
  if (!isRecord(value)) return String(value);
  if (isRecord(value.elem)) return textOf(value.elem.val);
  if (Array.isArray(value.concat)) return value.concat.map(textOf).join(' . ');
  if (isRecord(value.prefix)) return `${textOf(value.prefix.addr)}/${textOf(value.prefix.len)}`;
  if (Array.isArray(value.range)) return value.range.map(textOf).join('-');
  if (isRecord(value.goto)) return `goto ${textOf(value.goto.target)}`;
  if ('drop' in value) return 'drop';
  return JSON.stringify(value);
}

function addressOrWord(text: string): string {
  // nft has words for two classids.
  if (text === 'none') return classId(0);
  if (text === 'root') return 'ffff:ffff';
  return /^[0-9a-f]{1,4}:[0-9a-f]{1,4}$/.test(text) ? text : (canonicalAddress(text) ?? text);
}
