import ipaddr from 'ipaddr.js';
import type { IpFamily } from './protocol.ts';

/** A parsed CIDR block: its network address in canonical form, and its prefix length. */
export interface Cidr {
  readonly family: IpFamily;
  readonly network: string;
  readonly prefix: number;
}

/**
 * Returns the canonical form of an address (RFC 5952 for IPv6), so that equal addresses are equal strings. IPv4-mapped
 * IPv6 becomes IPv4; IPv4 octets with leading zeros are decimal, as in legacy objects (Kubernetes
 * `netutils.ParseIPSloppy`).
 *
 * @returns undefined if the text is not an address
 */
export function canonicalAddress(text: string): string | undefined {
  if (CANONICAL_IPV4.test(text)) return text;
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) {
    const octets = text.split('.').map(Number);
    return octets.every(o => o <= 255) ? octets.join('.') : undefined;
  }
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
  const parsed = ipaddr.IPv6.parse(text);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.toRFC5952String();
}

/** Matches nearly every address in a cluster, without parsing it. */
const CANONICAL_IPV4 = /^(?:(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])(?:\.(?!$)|$)){4}$/;

/** The family of a canonical address. */
export function familyOf(address: string): IpFamily {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

/** An IP address and a port. */
export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

/** `10.0.0.1:80`, `[fd00::1]:80`. */
export function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** A host (an address, a name, or nothing) with an optional port. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number | undefined;
}

/**
 * Splits `host:port`, `[host]:port`, `:port`, a host alone, and an IPv6 address alone without brackets.
 *
 * @returns undefined if it is none of these, or the port is not a number from 0 to 65535
 */
export function splitHostPort(text: string): HostAndPort | undefined {
  // Several colons without brackets: the whole text is an IPv6 address.
  if (/^[^[\]:]*:[^[\]:]*:[^[\]]*$/.test(text)) return { host: text, port: undefined };
  const parts = (text.startsWith('[') ? IN_BRACKETS : PLAIN).exec(text);
  if (parts === null) return undefined;
  const [, host = '', rest = ''] = parts;
  if (rest === '') return { host, port: undefined };
  const port = portNumber(rest.slice(1));
  return rest.startsWith(':') && port !== undefined ? { host, port } : undefined;
}

/**
 * Parses `10.0.0.1:80`, `[fd00::1]:80`; with a default port also `10.0.0.1` and `fd00::1`.
 *
 * @returns the address in canonical form; undefined if the text is not an address, or has no port
 */
export function parseSocketAddress(text: string, defaultPort?: number): SocketAddress | undefined {
  const parts = splitHostPort(text);
  const address = parts === undefined ? undefined : canonicalAddress(parts.host);
  const port = parts?.port ?? defaultPort;
  return address === undefined || port === undefined ? undefined : { address, port };
}

/** Only IPv6 addresses are written in brackets. */
const IN_BRACKETS = /^\[([^[\]]*:[^[\]]*)\](.*)$/s;
const PLAIN = /^([^:[\]]*)(.*)$/s;

/** A port as decimal digits, 0 to 65535. */
function portNumber(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
}

/** Parses a CIDR. Surrounding spaces are allowed, as in loadBalancerSourceRanges. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text.trim());
  const address = match?.[1] === undefined ? undefined : canonicalAddress(match[1]);
  if (address === undefined) return undefined;
  const family = familyOf(address);
  const prefix = Number(match?.[2]);
  if (prefix > (family === 'IPv4' ? 32 : 128)) return undefined;
  const masked =
    family === 'IPv4'
      ? ipaddr.IPv4.networkAddressFromCIDR(`${address}/${prefix}`).toString()
      : ipaddr.IPv6.networkAddressFromCIDR(`${address}/${prefix}`).toRFC5952String();
  return { family, network: masked, prefix };
}

/** Whether a CIDR contains a canonical address. */
export function cidrContains(cidr: Cidr, address: string): boolean {
  if (familyOf(address) !== cidr.family) return false;
  return ipaddr.parse(address).match(ipaddr.parse(cidr.network), cidr.prefix);
}

/** Returns ipaddr.js' name for the kind of address: `unicast`, `loopback`, `linkLocal`, `multicast`, `unspecified` ... */
export function addressRange(address: string): string {
  return ipaddr.parse(address).range();
}

/** A block of IPv4 addresses: the first one as a number, and how many there are. */
export interface AddressBlock {
  readonly first: number;
  readonly size: number;
}

/** @returns undefined for an IPv6 block */
export function blockOf({ family, network, prefix }: Cidr): AddressBlock | undefined {
  if (family === 'IPv6') return undefined;
  const first = network.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return { first, size: 2 ** (32 - prefix) };
}

/** Whether a block has an address; false for IPv6. */
export function blockContains({ first, size }: AddressBlock, address: string): boolean {
  if (familyOf(address) !== 'IPv4') return false;
  const number = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return number >= first && number < first + size;
}

/** `10.0.0.0/8`. @throws TypeError if the block is not a CIDR */
export function blockText(block: AddressBlock): string {
  const bits = Math.log2(block.size);
  if (!Number.isInteger(bits) || block.first % block.size !== 0) throw new TypeError('the block is not a CIDR');
  return `${addressAt(block, 0)}/${32 - bits}`;
}

/** The address of a block at an offset from its first one. */
export function addressAt({ first }: AddressBlock, offset: number): string {
  return [24, 16, 8, 0].map(shift => ((first + offset) >>> shift) & 0xff).join('.');
}
