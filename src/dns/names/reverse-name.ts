import ipaddr from 'ipaddr.js';
import { familyOf } from '../../kube/address.ts';
import { isOctet } from './address-label.ts';
import type { Labels } from './name.ts';

/** A name under in-addr.arpa or ip6.arpa. `prefix`: fewer labels than an address has; what the `reversePath` of those below begins with. */
export type ReverseName =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'prefix'; readonly text: string }
  | { readonly kind: 'nothing' };

const OCTETS = 4;
const NIBBLES = 32;
const NOTHING: ReverseName = { kind: 'nothing' };

/** Reads a reverse name in small letters (RFC 1035, 3.5; RFC 3596, 2.5). undefined for any other name. */
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
    // IPv4-mapped IPv6 stays IPv6 here: nobody serves such an address.
    return { kind: 'address', address: ipaddr.IPv6.parse(groups.join(':')).toRFC5952String() };
  }
  return undefined;
}

/** An address from the top of the tree down: `in-addr 10.96.0.1`, `ip6 fd00...`. */
export function reversePath(address: string): string {
  return familyOf(address) === 'IPv4' ? `in-addr ${address}` : `ip6 ${nibblesOf(address)}`;
}

function nibblesOf(address: string): string {
  return ipaddr.IPv6.parse(address)
    .parts.map(part => part.toString(16).padStart(4, '0'))
    .join('');
}
