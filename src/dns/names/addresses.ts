import ipaddr from 'ipaddr.js';
import { familyOf, type IpFamily } from '../../net/index.ts';
import type { Labels } from './name.ts';

export interface LabelAddress {
  readonly family: IpFamily;
  /** Canonical, except that IPv4-mapped IPv6 stays IPv6, as its label has that form. */
  readonly address: string;
}

/**
 * Writes an address as a label, with dashes as separators. Appends a 0 after a trailing `::`, since no host name may end
 * with a dash (like CoreDNS; the specification leaves the form open).
 *
 * @param address canonical (RFC 5952)
 */
export function addressLabel(address: string): string {
  const dashed = address.replace(/[.:]/g, '-');
  return dashed.endsWith('-') ? `${dashed}0` : dashed;
}

/** Three dashes, none adjacent: IPv4. Everything else is IPv6 with dashes for colons. */
const IPV4_LABEL = /^[^-]+-[^-]+-[^-]+-[^-]+$/;

/** Reads an address from a label, in any form of IPv6. */
export function labelAddress(label: string): LabelAddress | undefined {
  if (IPV4_LABEL.test(label)) {
    const octets = label.split('-');
    return octets.every(isOctet) ? { family: 'IPv4', address: octets.join('.') } : undefined;
  }
  const text = label.replaceAll('-', ':');
  if (!/^[0-9a-f:]+$/.test(text) || !text.includes(':') || !ipaddr.IPv6.isValid(text)) return undefined;
  return { family: 'IPv6', address: ipaddr.IPv6.parse(text).toRFC5952String() };
}

/** Rejects leading zeros: some read `010` as ten, others as eight. */
export function isOctet(text: string): boolean {
  return /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) <= 255;
}

/** A name under in-addr.arpa or ip6.arpa. `prefix`: too few labels for an address; the start of `reversePath` of all below it. */
export type ReverseName =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'prefix'; readonly text: string }
  | { readonly kind: 'nothing' };

const OCTETS = 4;
const NIBBLES = 32;
const NOTHING: ReverseName = { kind: 'nothing' };

/** Reads a reverse name (RFC 1035, 3.5; RFC 3596, 2.5). @returns undefined for other names */
export function readReverseName(name: Labels): ReverseName | undefined {
  const top = name[name.length - 2];
  if (name[name.length - 1] !== 'arpa') return undefined;
  const parts = name.slice(0, -2).reverse();
  if (top === 'in-addr') {
    if (parts.length > OCTETS || !parts.every(isOctet)) return NOTHING;
    if (parts.length < OCTETS) return { kind: 'prefix', text: `in-addr ${parts.map(part => `${part}.`).join('')}` };
    return { kind: 'address', address: parts.join('.') };
  }
  if (top === 'ip6') {
    if (parts.length > NIBBLES || !parts.every(part => /^[0-9a-f]$/.test(part))) return NOTHING;
    if (parts.length < NIBBLES) return { kind: 'prefix', text: `ip6 ${parts.join('')}` };
    const groups = parts.join('').match(/.{4}/g) ?? [];
    // IPv4-mapped IPv6 stays IPv6: no Service has such an address.
    return { kind: 'address', address: ipaddr.IPv6.parse(groups.join(':')).toRFC5952String() };
  }
  return undefined;
}

/** Writes an address from the top of the reverse tree down: `in-addr 10.96.0.1`, `ip6 fd00...`. */
export function reversePath(address: string): string {
  return familyOf(address) === 'IPv4' ? `in-addr ${address}` : `ip6 ${nibblesOf(address)}`;
}

function nibblesOf(address: string): string {
  return ipaddr.IPv6.parse(address)
    .parts.map(part => part.toString(16).padStart(4, '0'))
    .join('');
}
