import { isIP } from 'node:net';
import { SwitchboardError } from '../../errors.ts';
import { hostPort, splitHostPort } from '../../kube/address.ts';
import { parseName, textOf } from '../names/name.ts';
import type { CacheLimits, Lifetimes } from './cache.ts';
import { DNS_PORT } from './resolv-conf.ts';
import { LINK_FILES } from './system-servers.ts';

/** A server to ask. */
export interface UpstreamAddress {
  /** Only names at and below this one are asked there; without it, all that no other zone has. */
  readonly zone?: string;
  /** An IP address. */
  readonly address: string;
  readonly port: number;
}

export interface Place {
  readonly address: string;
  readonly port: number;
}

/** What becomes known of upstreams; `upstream` is `ADDRESS:PORT`, with its zone behind it where it has one. */
export type ForwardEvent =
  | { readonly kind: 'down'; readonly upstream: string; readonly why: string }
  | { readonly kind: 'up'; readonly upstream: string }
  /** It asks us what we ask it. It is not used any more. */
  | { readonly kind: 'loop'; readonly upstream: string }
  /** The list was read, at start and whenever the file changes. `leftOut`: our own addresses. */
  | { readonly kind: 'upstreams'; readonly upstreams: readonly string[]; readonly leftOut: readonly string[] }
  | { readonly kind: 'upstreams-unreadable'; readonly path: string; readonly why: string };

/** Time as the forwarder sees it; tests hand in one that they move themselves. */
export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  now(): number;
  /** Calls `action` once, `milliseconds` from now. @returns what calls it off */
  after(milliseconds: number, action: () => void): () => void;
}

/** The system's monotonic time. Its timers keep no process alive: a forwarder that waits is no reason to stay. */
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
  /** For all tries of one question. */
  readonly totalMs: number;
  /** How long a failed upstream is left alone before it is probed, at first and at most; it doubles each time. */
  readonly probeMs: number;
  readonly maxProbeMs: number;
  /** How often the file of `'system'` is looked at. */
  readonly pollMs: number;
  /** How long a stale answer serves before upstreams are tried again. */
  readonly staleRetryMs: number;
}

export interface ForwarderOptions {
  /** In order of preference; `'system'` stands for the servers of the system's list, in its place. */
  readonly upstreams: readonly (UpstreamAddress | 'system')[];
  /** The system's list. */
  readonly resolvConf?: string;
  /** Query in this order where the system's list names nobody but us; `LINK_FILES` by default. */
  readonly linkFiles?: readonly string[];
  /** Where this server itself listens, which is never asked; called whenever the list is made. */
  readonly ownListeners?: () => readonly Place[];
  readonly onEvent?: (event: ForwardEvent) => void;
  readonly timings?: Partial<Timings>;
  readonly cache?: Partial<CacheLimits>;
  readonly lifetimes?: Partial<Lifetimes>;
  /** Different questions that may wait for upstreams at once. */
  readonly maxInFlight?: number;
  /** Clients that may wait for the answer to a question which another has asked. */
  readonly maxJoined?: number;
  readonly clock?: Clock;
}

export interface ResolvedOptions {
  readonly timings: Timings;
  readonly cache: CacheLimits;
  readonly lifetimes: Lifetimes;
  readonly maxInFlight: number;
  readonly maxJoined: number;
  readonly clock: Clock;
  readonly resolvConf: string;
  readonly linkFiles: readonly string[];
  readonly ownListeners: () => readonly Place[];
  readonly onEvent: (event: ForwardEvent) => void;
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

/** What an upstream is called in messages and metrics. */
export function upstreamName(upstream: UpstreamAddress): string {
  const place = hostPort(upstream.address, upstream.port);
  return upstream.zone === undefined ? place : `${place} for ${upstream.zone}`;
}

/**
 * An upstream as it is written on a command line: `IP`, `IP:PORT`, `[IPv6]:PORT`, with `ZONE=` before it for the names
 * of one zone only.
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

/** `fe80::1%eth0`: the interface is no part of the address. */
function withoutScope(address: string): string {
  return address.replace(/%[\w.-]+$/, '');
}
