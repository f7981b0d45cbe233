import {
  createForwarder,
  type DnsOptions,
  type ForwardEvent,
  type Forwarder,
  parseUpstream,
  type UpstreamAddress,
} from '../../dns/index.ts';
import { SwitchboardError } from '../../errors.ts';
import { familyOf, hostPort, parseSocketAddress, type SocketAddress } from '../../net/index.ts';
import { type NetworkSockets, ownNetwork, reachableAddresses } from '../../system/index.ts';
import type { ForwardFlag } from '../options/index.ts';
import { message } from '../terminal.ts';

/** `127.0.0.1:53`, `[::1]:53`. @throws SWB_USAGE */
export function dnsPlace(flag: string, text: string): SocketAddress {
  const address = parseSocketAddress(text);
  if (address !== undefined) return address;
  throw new SwitchboardError(
    'SWB_USAGE',
    `${flag} ${text}: not an address and a port; write 127.0.0.1:1053 or [::1]:1053`,
  );
}

/** `127.0.0.1:53, [::1]:53` */
export function placesText(places: readonly SocketAddress[]): string {
  return places.map(({ address, port }) => hostPort(address, port)).join(', ');
}

/** The addresses that reach a server on these listeners: every address of the machine for a wildcard listener. */
export function reachedAt(places: readonly SocketAddress[]): string[] {
  const addresses = places.flatMap(({ address }) => {
    if (address !== '0.0.0.0' && address !== '::') return [address];
    return reachableAddresses().filter(own => familyOf(own) === familyOf(address));
  });
  return [...new Set(addresses)];
}

/** The upstream servers that `--forward` or `--dns-forward` names; false: none. @throws SWB_USAGE */
export function upstreamsOf(flag: ForwardFlag): readonly UpstreamAddress[] | false {
  return flag === false ? false : (flag ?? []).map(parseUpstream);
}

/** The forwarder for names outside the server's zones, with the options that connect the server to it. */
export interface Forwarding {
  readonly forwarder: Forwarder | undefined;
  readonly options: Pick<DnsOptions, 'resolver' | 'forwardedZones'>;
}

type DescribeForwarding = (event: ForwardEvent) => string | undefined;

/**
 * @param upstreams the servers that flags name; without any, those of the system
 * @param places where our own server listens; read again whenever the forwarder rebuilds its list of upstreams
 * @param describe the lines to print about upstreams
 * @param network where the upstreams are
 * @throws SWB_USAGE
 */
export async function forwardingTo(
  upstreams: readonly UpstreamAddress[] | false,
  places: () => readonly SocketAddress[],
  describe: DescribeForwarding,
  network: NetworkSockets = ownNetwork,
): Promise<Forwarding> {
  if (upstreams === false) return { forwarder: undefined, options: {} };
  const forwarder = await forwarderTo(upstreams, places, describe, network);
  const forwardedZones = upstreams.map(({ zone }) => zone ?? '.');
  return { forwarder, options: { resolver: forwarder, forwardedZones } };
}

function forwarderTo(
  upstreams: readonly UpstreamAddress[],
  places: () => readonly SocketAddress[],
  describe: DescribeForwarding,
  network: NetworkSockets,
): Promise<Forwarder> {
  // Names outside the zones that have their own upstream go to the servers of the system.
  const forAll = upstreams.some(upstream => upstream.zone === undefined);
  return createForwarder({
    upstreams: forAll ? upstreams : [...upstreams, 'system'],
    ownListeners: places,
    network,
    onEvent: event => {
      const text = describe(event);
      if (text !== undefined) message(text);
    },
  });
}
