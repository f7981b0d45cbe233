import { type Cidr, canonicalAddress, cidrContains, familyOf, parseCidr } from '../../net/index.ts';
import type { Field } from './field.ts';
import { shown } from './wording.ts';

const ADDRESS_FIX = 'write an IPv4 or IPv6 address, such as 10.9.8.7 or 2001:db8::1';
const CIDR_FIX = 'write an address and its prefix length, such as 10.9.8.0/24 or 2001:db8::/64';

/** Reads an IP address of an object; {@link faultAmbiguousAddress} lists the forms that only stored objects may have. */
export function readAddress(field: Field): string | undefined {
  const text = field.string() ?? '';
  const address = canonicalAddress(text);
  if (address === undefined) field.fault(`${shown(text)} is not an IP address`, ADDRESS_FIX);
  else faultAmbiguousAddress(field, text, address);
  return address;
}

/**
 * Faults forms that programs read differently, in new objects: leading zeros and IPv4-mapped IPv6. Kubernetes 1.36 and
 * later reject them (KEP-4858).
 *
 * @param address the canonical form of the text
 */
export function faultAmbiguousAddress(field: Field, text: string, address: string): void {
  const form = ambiguousForm(text);
  if (form !== undefined) field.faultIfNew(`${shown(text)} ${form}, which ${REJECTED}`, `write ${address}`);
}

const REJECTED = 'Kubernetes 1.36 and later reject';

function ambiguousForm(address: string): string | undefined {
  if (!address.includes(':')) return /(^|\.)0\d/.test(address) ? 'has leading zeros' : undefined;
  return canonicalAddress(address)?.includes(':') === false ? 'is an IPv4-mapped IPv6 address' : undefined;
}

/** Reads a CIDR in every form that stored objects have. Surrounding spaces are allowed, as in the API. */
export function readCidr(field: Field, text: string): Cidr | undefined {
  const cidr = parseCidr(text) ?? parseMappedCidr(text);
  if (cidr === undefined) field.fault(`${shown(text)} is not an address range (CIDR)`, CIDR_FIX);
  return cidr;
}

/** As {@link readCidr}, and faults ambiguous forms and bits beyond the prefix length in new objects (KEP-4858). */
export function readUnambiguousCidr(field: Field, text: string): Cidr | undefined {
  const cidr = readCidr(field, text);
  if (cidr === undefined) return undefined;
  const [address = '', prefix = ''] = text.trim().split('/');
  const form =
    ambiguousForm(address) ?? (/^0\d/.test(prefix) ? 'has leading zeros' : undefined) ?? beyondPrefix(cidr, address);
  if (form !== undefined) {
    field.faultIfNew(`${shown(text)} ${form}, which ${REJECTED}`, `write ${cidr.network}/${cidr.prefix}`);
  }
  return cidr;
}

function beyondPrefix(cidr: Cidr, address: string): string | undefined {
  return canonicalAddress(address) === cidr.network ? undefined : 'has bits beyond the prefix length';
}

/** Reads a CIDR in canonical form only, as newer kinds of the API require (KEP-4858). */
export function readStrictCidr(field: Field): Cidr | undefined {
  const text = field.string() ?? '';
  if (!field.isText) return undefined;
  const cidr = readCidr(field, text);
  if (cidr === undefined) return undefined;
  const canonical = `${cidr.network}/${cidr.prefix}`;
  if (text !== canonical) field.fault(`${shown(text)} is not in canonical form`, `write ${canonical}`);
  return cidr;
}

/** `::ffff:192.0.2.0/120` is 192.0.2.0/24: the API accepts it in Services that are older than its strict rules. */
function parseMappedCidr(text: string): Cidr | undefined {
  const [address = '', prefix = ''] = text.trim().split('/');
  const canonical = canonicalAddress(address);
  if (canonical === undefined || !address.includes(':') || familyOf(canonical) !== 'IPv4') return undefined;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) >= 96
    ? parseCidr(`${canonical}/${Number(prefix) - 96}`)
    : undefined;
}

const SPECIAL: readonly (readonly [range: string, what: string])[] = [
  ['0.0.0.0/32', 'the unspecified address'],
  ['::/128', 'the unspecified address'],
  ['127.0.0.0/8', 'a loopback address'],
  ['::1/128', 'a loopback address'],
  ['169.254.0.0/16', 'a link-local address'],
  ['fe80::/10', 'a link-local address'],
  ['224.0.0.0/24', 'a link-local multicast address'],
];
/** A cheap pre-check on the text, since every endpoint of a cluster is checked and almost none is special. */
const MAY_BE_SPECIAL = /^(0\.|127\.|169\.254\.|224\.0\.|::|fe|ff)/;
const SPECIAL_RANGES = SPECIAL.map(([range, what]) => ({ cidr: parseCidr(range), what }));

/** Returns why an address cannot be an endpoint or external IP, if it means something different on each machine. */
export function specialAddress(address: string): string | undefined {
  if (!MAY_BE_SPECIAL.test(address)) return undefined;
  if (/^ff[0-9a-f]2:/.test(address)) return 'a link-local multicast address';
  return SPECIAL_RANGES.find(({ cidr }) => cidr !== undefined && cidrContains(cidr, address))?.what;
}

/** Faults an address that {@link specialAddress} forbids. */
export function rejectSpecialAddress(field: Field, address: string): void {
  const special = specialAddress(address);
  if (special !== undefined) {
    field.fault(
      `${address} is ${special}, which means something different on each machine`,
      'write an address of the network',
    );
  }
}

/**
 * As {@link rejectSpecialAddress}, for manually written endpoints. Differs from the API on purpose: on a laptop users
 * want to reach a process on loopback, so the address is accepted with a note that a cluster will reject it.
 */
export function rejectSpecialEndpoint(field: Field, address: string): void {
  if (specialAddress(address) !== 'a loopback address') rejectSpecialAddress(field, address);
  else
    field.note(
      `${address} is a loopback address: it works here, but a cluster rejects it`,
      'replace it before you apply this to a cluster',
    );
}
