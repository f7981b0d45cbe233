/** IP addresses, ranges, sockets and protocols, as text and as values. */
export {
  type AddressBlock,
  addressAt,
  addressRange,
  blockContains,
  blockOf,
  blockText,
  type Cidr,
  canonicalAddress,
  cidrContains,
  familyOf,
  type HostAndPort,
  hostPort,
  parseCidr,
  parseSocketAddress,
  type SocketAddress,
  splitHostPort,
} from './address.ts';
export { IP_FAMILIES, type IpFamily, PROTOCOLS, type Protocol } from './protocol.ts';
export { RCODE, rcodeName } from './rcode.ts';
