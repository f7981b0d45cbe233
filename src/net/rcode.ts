/** Response codes of DNS that Switchboard sends or explains (IANA DNS parameters). */
export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  /** OPT holds its upper bits (RFC 6891, 6.1.3). */
  BADVERS: 16,
} as const;

const RCODE_NAMES = new Map<number, string>(Object.entries(RCODE).map(([name, number]) => [number, name]));

/** The name of a response code, such as NXDOMAIN; its number if it is not in the table. */
export function rcodeName(rcode: number): string {
  return RCODE_NAMES.get(rcode) ?? String(rcode);
}
