import { isIP, isIPv6 } from 'node:net';
import { SwitchboardError } from '../../errors.ts';
import { DNS_PORT } from './resolv-conf.ts';
import type { UpstreamAddress } from './settings.ts';
import { nameOf, textOf } from './wire-name.ts';

/**
 * An upstream as it is written on a command line: `IP`, `IP:PORT`, `[IPv6]:PORT`, with `ZONE=` before it for the names
 * of one zone only.
 *
 * @throws SWB_USAGE
 */
export function parseUpstream(text: string): UpstreamAddress {
  const equals = text.indexOf('=');
  const place = text.slice(equals + 1);
  const match =
    /^\[(?<v6>[^\]]+)\](?::(?<port6>\d+))?$/.exec(place) ?? /^(?<v4>[\d.]+)(?::(?<port4>\d+))?$/.exec(place);
  const { v6, port6, v4, port4 } = match?.groups ?? {};
  const address = v6 ?? v4 ?? place;
  const port = Number(port6 ?? port4 ?? DNS_PORT);
  const wanted = v6 === undefined ? isIP(withoutScope(address)) !== 0 : isIPv6(withoutScope(address));
  if (!wanted || port < 1 || port > 65_535) {
    throw new SwitchboardError('SWB_USAGE', `"${text}" is not a DNS server: it is written [ZONE=]IP[:PORT]`);
  }
  return equals < 0 ? { address, port } : { zone: textOf(nameOf(text.slice(0, equals))), address, port };
}

/** `fe80::1%eth0`: the interface is no part of the address. */
function withoutScope(address: string): string {
  return address.replace(/%[\w.-]+$/, '');
}
