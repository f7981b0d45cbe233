import ipaddr from 'ipaddr.js';
import { familyOf } from '../../kube/address.ts';
import type { IpFamily } from '../../kube/protocol.ts';

export interface LabelAddress {
  readonly family: IpFamily;
  /** Canonical, but for IPv4-mapped IPv6, which stays IPv6: its label has the form of IPv6. */
  readonly address: string;
}

/**
 * An address as a label: its separators as dashes. A trailing `::` would end the label in a dash, which no host name
 * may do, so a 0 is put behind it (CoreDNS does the same; the specification leaves the form open).
 *
 * @param address canonical (RFC 5952)
 */
export function addressLabel(address: string): string {
  const dashed = address.replace(/[.:]/g, '-');
  return dashed.endsWith('-') ? `${dashed}0` : dashed;
}

/** Exactly three dashes and no two of them together: IPv4. Anything else: IPv6, with every dash a colon. */
const IPV4_LABEL = /^[^-]+-[^-]+-[^-]+-[^-]+$/;

/** The address that a label spells, in any spelling of IPv6; undefined if it spells none. */
export function labelAddress(label: string): LabelAddress | undefined {
  if (IPV4_LABEL.test(label)) {
    const octets = label.split('-');
    return octets.every(isOctet) ? { family: 'IPv4', address: octets.join('.') } : undefined;
  }
  const text = label.replaceAll('-', ':');
  if (!/^[0-9a-f:]+$/.test(text) || !text.includes(':') || !ipaddr.IPv6.isValid(text)) return undefined;
  return { family: 'IPv6', address: ipaddr.IPv6.parse(text).toRFC5952String() };
}

/** Decimal without leading zeros: `010` is ten to some and eight to others, and so no address at all. */
export function isOctet(text: string): boolean {
  return /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) <= 255;
}

/** Whether a canonical address is of a family. */
export function isOf(family: IpFamily, address: string): boolean {
  return familyOf(address) === family;
}
