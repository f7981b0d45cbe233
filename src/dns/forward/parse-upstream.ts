import { isIP } from 'node:net';
import { SwitchboardError } from '../../errors.ts';
import { splitHostPort } from '../../kube/address.ts';
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
  const { host: address = '', port = DNS_PORT } = splitHostPort(place) ?? {};
  if (isIP(withoutScope(address)) === 0 || port < 1) {
    throw new SwitchboardError('SWB_USAGE', `"${text}" is not a DNS server: it is written [ZONE=]IP[:PORT]`);
  }
  return equals < 0 ? { address, port } : { zone: textOf(nameOf(text.slice(0, equals))), address, port };
}

/** `fe80::1%eth0`: the interface is no part of the address. */
function withoutScope(address: string): string {
  return address.replace(/%[\w.-]+$/, '');
}
