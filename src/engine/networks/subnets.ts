import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { type AddressBlock, addressAt, blockOf, parseCidr } from '../../net/index.ts';

/** The addresses of `10.0.0.0/8`. @returns undefined if it is not an IPv4 block */
export function parseBlock(text: string): AddressBlock | undefined {
  const cidr = parseCidr(text);
  return cidr === undefined ? undefined : blockOf(cidr);
}

export function overlaps(a: AddressBlock, b: AddressBlock): boolean {
  return a.first < b.first + b.size && b.first < a.first + a.size;
}

/** What a network of pods has, derived from its subnet. */
export interface SubnetPlan {
  readonly subnet: string;
  /** The first address. */
  readonly gateway: string;
  /**
   * The last quarter of the lower half: where the engine chooses addresses on its own, apart from those that Switchboard
   * gives.
   */
  readonly range: string;
}

/**
 * The first candidate that overlaps with no network of the engine and no route of this machine.
 *
 * @returns undefined if all overlap
 */
export function chooseSubnet(candidates: readonly string[], taken: readonly string[]): SubnetPlan | undefined {
  const blocks = taken.map(parseBlock).filter(block => block !== undefined);
  for (const subnet of candidates) {
    const block = parseBlock(subnet);
    if (block !== undefined && !blocks.some(other => overlaps(block, other))) return planOf(block);
  }
  return undefined;
}

function planOf(block: AddressBlock): SubnetPlan {
  const prefix = 32 - Math.log2(block.size);
  const rangePrefix = Math.min(prefix + 3, 30);
  const offset = block.size / 2 - 2 ** (32 - rangePrefix);
  return {
    subnet: `${addressAt(block, 0)}/${prefix}`,
    gateway: addressAt(block, 1),
    range: `${addressAt(block, offset)}/${rangePrefix}`,
  };
}

/** Blocks that this machine already routes: its interfaces, and on Linux every route, VPNs included. */
export async function hostBlocks(): Promise<readonly string[]> {
  const own = Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .flatMap(({ family, cidr }) => (family === 'IPv4' && cidr !== null ? [cidr] : []));
  const table = await readFile('/proc/net/route', 'utf8').catch(() => '');
  return [...own, ...parseRouteTable(table)];
}

/** Reads /proc/net/route: addresses are numbers in the machine's byte order. Skips the default route. */
export function parseRouteTable(text: string): readonly string[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap(line => {
      const fields = line.trim().split(/\s+/);
      const [destination = '', mask = ''] = [fields[1], fields[7]];
      if (!/^[0-9A-F]{8}$/.test(destination) || !/^[0-9A-F]{8}$/.test(mask) || mask === '00000000') return [];
      const octets = Buffer.from(destination, 'hex').reverse().join('.');
      const bits = [...Buffer.from(mask, 'hex')].reduce((sum, byte) => sum + ones(byte), 0);
      return [`${octets}/${bits}`];
    });
}

function ones(byte: number): number {
  return byte.toString(2).replaceAll('0', '').length;
}
