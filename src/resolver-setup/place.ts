import { canonicalAddress } from '../kube/address.ts';

/** Where a DNS server is. */
export interface Place {
  readonly address: string;
  readonly port: number;
}

/** `127.0.0.1`, `127.0.0.1:1053`, `127.0.0.1#1053` (dnsmasq), `::1`, `[::1]:1053`; without a port it is 53. */
export function parsePlace(text: string): Place | undefined {
  const match = /^(?:\[([^\]]+)\]:(\d+)|([\d.]+)[:#](\d+)|([^#[\]]+?)(?:#(\d+))?)$/.exec(text);
  if (match === null) return undefined;
  const [, bracketed, portA, dotted, portB, plain, portC] = match;
  const address = canonicalAddress(bracketed ?? dotted ?? plain ?? '');
  return address === undefined ? undefined : { address, port: Number(portA ?? portB ?? portC ?? 53) };
}
