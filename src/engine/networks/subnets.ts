import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';

/** A block of IPv4 addresses. */
export interface Ipv4Block {
  readonly first: number;
  readonly prefix: number;
}

/** `10.0.0.0/8`. @returns undefined if it is not an IPv4 block */
export function parseBlock(text: string): Ipv4Block | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (match === null) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = match.slice(1).map(Number);
  if ([a, b, c, d].some(octet => octet > 255) || prefix > 32) return undefined;
  const address = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
  const size = 2 ** (32 - prefix);
  return { first: Math.floor(address / size) * size, prefix };
}

export function addressAt(block: Ipv4Block, offset: number): string {
  const address = block.first + offset;
  return [24, 16, 8, 0].map(shift => Math.floor(address / 2 ** shift) % 256).join('.');
}

export function overlaps(a: Ipv4Block, b: Ipv4Block): boolean {
  return a.first < b.first + sizeOf(b) && b.first < a.first + sizeOf(a);
}

function sizeOf({ prefix }: Ipv4Block): number {
  return 2 ** (32 - prefix);
}

/** What a network of pods has, derived from its subnet. */
export interface SubnetPlan {
  readonly subnet: string;
  /** The first address. */
  readonly gateway: string;
  /** The last sixteenth: where the engine chooses addresses on its own, apart from those that Switchboard gives. */
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

function planOf(block: Ipv4Block): SubnetPlan {
  const rangePrefix = Math.min(block.prefix + 4, 30);
  const offset = sizeOf(block) - 2 ** (32 - rangePrefix);
  return {
    subnet: `${addressAt(block, 0)}/${block.prefix}`,
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
