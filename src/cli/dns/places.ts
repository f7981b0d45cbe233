import {
  createForwarder,
  type DnsOptions,
  type ForwardEvent,
  type Forwarder,
  parseUpstream,
  type UpstreamAddress,
} from '../../dns/index.ts';
import { SwitchboardError } from '../../errors.ts';
import { familyOf, hostPort, parseSocketAddress, type SocketAddress } from '../../kube/address.ts';
import { reachableAddresses } from '../../system/index.ts';
import type { ForwardFlag } from '../options/index.ts';
import { forwardEventText } from './notices.ts';

/** `127.0.0.1:53`, `[::1]:53`. @throws SWB_USAGE */
export function dnsPlace(flag: string, text: string): SocketAddress {
  const address = parseSocketAddress(text);
  if (address !== undefined) return address;
  throw new SwitchboardError('SWB_USAGE', `${flag} ${text}: write an address and a port, 127.0.0.1:1053 or [::1]:1053`);
}

/** `127.0.0.1:53, [::1]:53` */
export function placesText(places: readonly SocketAddress[]): string {
  return places.map(({ address, port }) => hostPort(address, port)).join(', ');
}

/** Where a server is reached that listens there: at every address of the machine, if it listens at all of them. */
export function reachedAt(places: readonly SocketAddress[]): string[] {
  const addresses = places.flatMap(({ address }) => {
    if (address !== '0.0.0.0' && address !== '::') return [address];
    return reachableAddresses().filter(own => familyOf(own) === familyOf(address));
  });
  return [...new Set(addresses)];
}

/** What `--forward` and its like name; false: nobody is to be asked. @throws SWB_USAGE */
export function upstreamsOf(flag: ForwardFlag): readonly UpstreamAddress[] | false {
  return flag === false ? false : (flag ?? []).map(parseUpstream);
}

/** Who asks others for names that are not ours, and what the server has to know of it. */
export interface Forwarding {
  readonly forwarder: Forwarder | undefined;
  readonly options: Pick<DnsOptions, 'resolver' | 'forwardedZones'>;
}

/**
 * @param upstreams those that were named, else those of the system are asked
 * @param places where our own server listens; asked whenever the list of upstreams is made
 * @throws SWB_USAGE
 */
export async function forwardingTo(
  upstreams: readonly UpstreamAddress[] | false,
  places: () => readonly SocketAddress[],
  say: (event: ForwardEvent) => string | undefined = forwardEventText,
): Promise<Forwarding> {
  if (upstreams === false) return { forwarder: undefined, options: {} };
  const forwarder = await forwarderTo(upstreams, places, say);
  const forwardedZones = upstreams.map(({ zone }) => zone ?? '.');
  return { forwarder, options: { resolver: forwarder, forwardedZones } };
}

function forwarderTo(
  upstreams: readonly UpstreamAddress[],
  places: () => readonly SocketAddress[],
  say: (event: ForwardEvent) => string | undefined,
): Promise<Forwarder> {
  // Names without an upstream of their own go where the system asks.
  const forAll = upstreams.some(upstream => upstream.zone === undefined);
  return createForwarder({
    upstreams: forAll ? upstreams : [...upstreams, 'system'],
    ownListeners: places,
    onEvent: event => {
      const text = say(event);
      if (text !== undefined) process.stderr.write(`${text}\n`);
    },
  });
}
