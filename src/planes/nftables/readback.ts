/**
 * Reads a table back as elements. Reads only sets, maps and the names of chains: a chain's name determines its rules, and
 * nft 1.0.6 cannot print them as JSON.
 *
 * @module
 */

import { isRecord, parseJson } from '../../data/index.ts';
import { SwitchboardError } from '../../errors.ts';
import { canonicalAddress, type IpFamily } from '../../net/index.ts';
import { NetlinkError } from '../../system/index.ts';
import { parseChainName } from './chains.ts';
import { SCHEMAS, TABLE, tableOf } from './layout.ts';
import type { Nft } from './nft/nft.ts';
import type { TableSocket } from './nft/table-socket.ts';
import type { Skeleton } from './skeleton.ts';
import { CHAINS, type Elements } from './table-delta.ts';

/**
 * A table as read from the kernel: its elements; `absent`; or `mismatch`: the table was made by another version or with
 * other options, or its chains were edited, so its elements cannot be interpreted.
 */
export type Found = Elements | 'absent' | 'mismatch';

/** @throws SWB_NFT_FAILED, NetlinkError if nftables cannot be read */
export async function readTable(nft: Nft, socket: TableSocket, skeleton: Skeleton): Promise<Found> {
  const { family } = skeleton;
  if (!(await socket.tables(family)).includes(TABLE)) return 'absent';
  const chains = await socket.chains(family);
  if (!chains.has(skeleton.marker)) return 'mismatch';
  for (const name of skeleton.chains) if (!chains.has(name)) return 'mismatch';
  const elements: Elements = new Map();
  // Chains that others have created are left alone.
  const made = [...chains.keys()].filter(name => !skeleton.chains.has(name) && parseChainName(name) !== undefined);
  elements.set(CHAINS, new Map(made.map(name => [name, ''])));
  for (const [set, schema] of SCHEMAS) {
    try {
      if (schema.ranges === true && schema.key.length === 1) elements.set(set, await readNetworks(nft, family, set));
      else elements.set(set, await socket.read(family, set));
    } catch (error) {
      // Another program has deleted the set.
      if (error instanceof NetlinkError && error.errno === ENOENT) return 'mismatch';
      throw error;
    }
  }
  return elements;
}

const ENOENT = 2;

/** Reads a set of plain ranges through nft: the kernel stores them together with the gaps between them. */
async function readNetworks(nft: Nft, family: IpFamily, set: string): Promise<Map<string, string>> {
  const result = await nft.run(`list set ${tableOf(family)} ${set}`, { json: true });
  if (!result.ok) throw new SwitchboardError('SWB_NFT_FAILED', `nftables cannot be read: ${result.error}`);
  const lists = entriesOf(result.output).map(entry => (isRecord(entry.set) ? entry.set.elem : undefined));
  return new Map(lists.flatMap(list => (Array.isArray(list) ? list : [])).map(value => [networkText(value), '']));
}

function networkText(value: unknown): string {
  if (typeof value === 'string') return canonicalAddress(value) ?? value;
  if (isRecord(value) && isRecord(value.prefix)) return `${networkText(value.prefix.addr)}/${String(value.prefix.len)}`;
  if (isRecord(value) && Array.isArray(value.range)) return value.range.map(networkText).join('-');
  return JSON.stringify(value);
}

/** The tables in the kernel, such as `ip kube-proxy`. */
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
