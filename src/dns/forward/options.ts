import { isIP } from 'node:net';
import { SwitchboardError } from '../../errors.ts';
import { hostPort, type SocketAddress, splitHostPort } from '../../net/index.ts';
import { parseName, textOf } from '../names/name.ts';
import { DNS_PORT, LINK_FILES } from './system-servers.ts';

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

export interface Timings {
  readonly tryMs: number;
  /** For all tries of a query. */
  readonly totalMs: number;
  /** The delay before a failed upstream is probed; it doubles with each failure up to `maxProbeMs`. */
  readonly probeMs: number;
  readonly maxProbeMs: number;
  /** How often the files of `'system'` are checked. */
  readonly pollMs: number;
  /** How long an expired answer serves before upstreams are queried again. */
  readonly staleRetryMs: number;
}

export interface CacheLimits {
  readonly entries: number;
  /** An estimate: the size of the messages and a constant for each entry. */
  readonly bytes: number;
  /** How long to serve an expired answer when no upstream responds (RFC 8767); 0 to never serve it. */
  readonly staleSeconds: number;
}

/** How long answers are cached, in seconds. */
export interface Lifetimes {
  /** All TTLs are limited to the range from `minTtl` to `maxTtl`. */
  readonly minTtl: number;
  readonly maxTtl: number;
  /** The maximum for names and types that do not exist. */
  readonly negative: number;
  readonly failure: number;
}

export interface ForwarderOptions {
  /** In order of preference. `'system'` stands for the servers of the system's list. */
  readonly upstreams: readonly (UpstreamAddress | 'system')[];
  /** The file of the system's list. */
  readonly resolvConf?: string;
  /** Files to read in this order if the system's list has only ourselves. Default: `LINK_FILES`. */
  readonly linkFiles?: readonly string[];
  /** Our own addresses, which are never upstreams. Called whenever the list is read. */
  readonly ownListeners?: () => readonly SocketAddress[];
  readonly onEvent?: (event: ForwardEvent) => void;
  readonly timings?: Partial<Timings>;
  readonly cache?: Partial<CacheLimits>;
  readonly lifetimes?: Partial<Lifetimes>;
  /** The maximum number of different queries that wait for upstreams. */
  readonly maxInFlight?: number;
  /** The maximum number of clients that wait for queries of other clients. */
  readonly maxJoined?: number;
  readonly clock?: Clock;
}

/** The options with defaults, without the list of upstreams, which changes. */
export interface ResolvedOptions
  extends Required<Omit<ForwarderOptions, 'upstreams' | 'timings' | 'cache' | 'lifetimes'>> {
  readonly timings: Timings;
  readonly cache: CacheLimits;
  readonly lifetimes: Lifetimes;
}

export function resolveOptions(options: ForwarderOptions): ResolvedOptions {
  return {
    timings: {
      tryMs: 2000,
      totalMs: 5000,
      probeMs: 1000,
      maxProbeMs: 30_000,
      pollMs: 2000,
      staleRetryMs: 5000,
      ...options.timings,
    },
    cache: { entries: 20_000, bytes: 64 * 1024 * 1024, staleSeconds: 3600, ...options.cache },
    lifetimes: { minTtl: 0, maxTtl: 3600, negative: 60, failure: 5, ...options.lifetimes },
    maxInFlight: options.maxInFlight ?? 1000,
    maxJoined: options.maxJoined ?? 10_000,
    clock: options.clock ?? systemClock,
    resolvConf: options.resolvConf ?? '/etc/resolv.conf',
    linkFiles: options.linkFiles ?? LINK_FILES,
    ownListeners: options.ownListeners ?? (() => []),
    onEvent: options.onEvent ?? (() => undefined),
  };
}

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
  if (isIP(withoutScope(address)) === 0 || port < 1) {
    throw new SwitchboardError('SWB_USAGE', `"${text}" is not a DNS server: it is written [ZONE=]IP[:PORT]`);
  }
  return equals < 0 ? { address, port } : { zone: `${textOf(parseName(text.slice(0, equals)))}.`, address, port };
}

/** Removes the interface from `fe80::1%eth0`. */
function withoutScope(address: string): string {
  return address.replace(/%[\w.-]+$/, '');
}
