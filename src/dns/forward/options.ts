import { isIP } from 'node:net';
import { SwitchboardError } from '../../errors.ts';
import { hostPort, type SocketAddress, splitHostPort } from '../../net/index.ts';
import { type NetworkSockets, ownNetwork } from '../../system/index.ts';
import { parseName, textOf } from '../names/name.ts';

/** An upstream server. */
export interface UpstreamAddress extends SocketAddress {
  /** It gets queries for this zone only; without a zone, for all names outside the zones of other upstreams. */
  readonly zone?: string;
}

/** A change of an upstream's state; `upstream` is `ADDRESS:PORT`, with ` for ZONE` if it has one. */
export type ForwardEvent =
  | { readonly kind: 'down'; readonly upstream: string; readonly why: string }
  | { readonly kind: 'up'; readonly upstream: string }
  /** It forwards our queries back to us, and so is excluded. */
  | { readonly kind: 'loop'; readonly upstream: string }
  /** The list was read: at start and after changes. `leftOut`: our own addresses in it. */
  | { readonly kind: 'upstreams'; readonly upstreams: readonly string[]; readonly leftOut: readonly string[] }
  | { readonly kind: 'upstreams-unreadable'; readonly path: string; readonly why: string };

/** The forwarder's time, which tests replace. */
export interface Clock {
  /** Monotonic, in milliseconds. */
  now(): number;
  /** Calls `action` after a delay. @returns a function that cancels it */
  after(milliseconds: number, action: () => void): () => void;
}

/** The system's time. Its timers do not keep the process alive. */
const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, action) {
    const timer = setTimeout(action, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export interface ForwarderOptions {
  /** In order of preference. `'system'` stands for the servers of the system's list. */
  readonly upstreams: readonly (UpstreamAddress | 'system')[];
  /** The file of the system's list. */
  readonly resolvConf?: string;
  /** Files to read in this order if the system's list has only ourselves. */
  readonly linkFiles?: readonly string[];
  /** How often the files of `'system'` are checked, in milliseconds. */
  readonly pollMs?: number;
  /** Our own addresses, which are never upstreams. Called whenever the list is read. */
  readonly ownListeners?: () => readonly SocketAddress[];
  readonly onEvent?: (event: ForwardEvent) => void;
  readonly cacheEntries?: number;
  /** An estimate: the size of the messages and a constant for each entry. */
  readonly cacheBytes?: number;
  /** The maximum number of different queries that wait for upstreams. */
  readonly maxInFlight?: number;
  /** The maximum number of clients that wait for queries of other clients. */
  readonly maxJoined?: number;
  readonly clock?: Clock;
  /** The network in which the upstreams are. Default: that of this process. */
  readonly network?: NetworkSockets;
}

export type ResolvedOptions = Required<ForwarderOptions>;

export function resolveOptions(options: ForwarderOptions): ResolvedOptions {
  return {
    resolvConf: '/etc/resolv.conf',
    linkFiles: LINK_FILES,
    pollMs: 2000,
    ownListeners: () => [],
    onEvent: () => undefined,
    cacheEntries: 20_000,
    cacheBytes: 64 * 1024 * 1024,
    maxInFlight: 1000,
    maxJoined: 10_000,
    clock: systemClock,
    network: ownNetwork,
    ...options,
  };
}

/** resolv.conf cannot name a port. */
export const DNS_PORT = 53;

/** Files with the servers of the system's links, in the form of a resolv.conf. */
const LINK_FILES: readonly string[] = [
  // systemd-resolved: the servers of all links, not its own stub.
  '/run/systemd/resolve/resolv.conf',
  '/run/NetworkManager/no-stub-resolv.conf',
];

/** The name of an upstream in messages and metrics. */
export function upstreamName(upstream: UpstreamAddress): string {
  const place = hostPort(upstream.address, upstream.port);
  return upstream.zone === undefined ? place : `${place} for ${upstream.zone}`;
}

/**
 * Parses an upstream of the command line: `IP`, `IP:PORT` or `[IPv6]:PORT`, after `ZONE=` if it is for one zone only.
 *
 * @throws SWB_USAGE
 */
export function parseUpstream(text: string): UpstreamAddress {
  const equals = text.indexOf('=');
  const { host: address = '', port = DNS_PORT } = splitHostPort(text.slice(equals + 1)) ?? {};
  // Without the interface of `fe80::1%eth0`.
  if (equals === 0 || isIP(address.replace(/%[\w.-]+$/, '')) === 0 || port < 1) {
    throw new SwitchboardError('SWB_USAGE', `"${text}" is not a DNS server: it is written [ZONE=]IP[:PORT]`);
  }
  return equals < 0 ? { address, port } : { zone: `${textOf(parseName(text.slice(0, equals)))}.`, address, port };
}
