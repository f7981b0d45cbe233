/**
 * The addresses of a node that accept node ports (Kubernetes `--nodeport-addresses` in nftables mode): the primary ones,
 * all, or those in the given ranges. If there are only ranges of one family, all addresses of the other accept node ports.
 * Loopback addresses never do.
 *
 * @module
 */

import { type Cidr, cidrContains, familyOf, type IpFamily } from '../net/index.ts';

export type NodePortAddresses = 'primary' | 'all' | readonly Cidr[];

/** Whether every address of the node accepts node ports, including later ones. */
export function takesNodePortsEverywhere(family: IpFamily, chosen: NodePortAddresses): boolean {
  if (typeof chosen === 'string') return chosen === 'all';
  const ranges = chosen.filter(range => range.family === family);
  return ranges.length === 0 || ranges.some(range => range.prefix === 0);
}

/** @param addresses of the node, canonical; the first of each family is its primary one */
export function nodePortAddressesOf(
  family: IpFamily,
  addresses: readonly string[],
  chosen: NodePortAddresses,
): readonly string[] {
  const own = [...new Set(addresses)].filter(address => familyOf(address) === family);
  if (chosen === 'primary') return own.slice(0, 1).filter(address => !isLoopback(address));
  const outside = own.filter(address => !isLoopback(address));
  if (takesNodePortsEverywhere(family, chosen) || typeof chosen === 'string') return outside;
  return outside.filter(address => chosen.some(range => cidrContains(range, address)));
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}
