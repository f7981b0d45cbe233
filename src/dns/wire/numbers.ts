/** Record types that this server interprets (IANA DNS parameters). */
export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
} as const;

export const CLASS_IN = 1;

/** Flags in bytes 2 and 3 of the header (RFC 1035, 4.1.1; RFC 2535 for AD and CD). */
export const FLAG = {
  QR: 0x8000,
  OPCODE: 0x7800,
  AA: 0x0400,
  TC: 0x0200,
  RD: 0x0100,
  RA: 0x0080,
  AD: 0x0020,
  CD: 0x0010,
} as const;

export const HEADER_BYTES = 12;
/** The maximum length of a name including length bytes, and of a label without its length byte (RFC 1035, 2.3.4). */
export const MAX_NAME_BYTES = 255;
export const MAX_LABEL_BYTES = 63;
/** Without EDNS0 (RFC 1035, 4.2.1). */
export const PLAIN_UDP_BYTES = 512;
/** Fits an Ethernet path over IPv6 without fragmentation (DNS flag day 2020). */
export const EDNS_UDP_BYTES = 1232;
export const TCP_BYTES = 65_535;
/** The first two bits of a compression pointer, and the largest offset that it can hold (RFC 1035, 4.1.4). */
export const POINTER = 0xc000;
export const POINTER_REACH = 0x3fff;
