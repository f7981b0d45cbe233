import { hostPort } from '../../kube/address.ts';
import type { CacheLimits } from './cache.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Lifetimes } from './lifetime.ts';
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
  | { readonly kind: 'settings'; readonly upstreams: readonly string[]; readonly leftOut: readonly string[] }
  | { readonly kind: 'settings-unreadable'; readonly path: string; readonly why: string };

export interface Timings {
  readonly tryMs: number;
  /** For all tries of one question. */
  readonly totalMs: number;
  /** How long a failed upstream is left alone before it is probed, at first and at most; it doubles each time. */
  readonly restMs: number;
  readonly longestRestMs: number;
  /** How often the file of `'system'` is looked at. */
  readonly settingsMs: number;
  /** How long a stale answer serves before upstreams are tried again. */
  readonly staleRetryMs: number;
}

export interface ForwarderSettings {
  /** In order of preference; `'system'` stands for the servers of the system's list, in its place. */
  readonly upstreams: readonly (UpstreamAddress | 'system')[];
  /** The system's list. */
  readonly resolvConf?: string;
  /** Asked in this order where the system's list names nobody but us; `LINK_FILES` by default. */
  readonly linkFiles?: readonly string[];
  /** Where this server itself listens, which is never asked; called whenever the list is made. */
  readonly ownListeners?: () => readonly Place[];
  readonly onEvent?: (event: ForwardEvent) => void;
  readonly timings?: Partial<Timings>;
  readonly cache?: Partial<CacheLimits>;
  readonly lifetimes?: Partial<Lifetimes>;
  /** Questions that may wait for upstreams at once. */
  readonly mostInFlight?: number;
  readonly clock?: Clock;
}

export interface Settled {
  readonly timings: Timings;
  readonly cache: CacheLimits;
  readonly lifetimes: Lifetimes;
  readonly mostInFlight: number;
  readonly clock: Clock;
  readonly resolvConf: string;
  readonly linkFiles: readonly string[];
  readonly ownListeners: () => readonly Place[];
  readonly onEvent: (event: ForwardEvent) => void;
}

export function settle(settings: ForwarderSettings): Settled {
  return {
    timings: {
      tryMs: 2000,
      totalMs: 5000,
      restMs: 1000,
      longestRestMs: 30_000,
      settingsMs: 2000,
      staleRetryMs: 5000,
      ...settings.timings,
    },
    cache: { entries: 10_000, bytes: 64 * 1024 * 1024, staleSeconds: 3600, ...settings.cache },
    lifetimes: { smallest: 0, largest: 3600, negative: 60, failure: 5, ...settings.lifetimes },
    mostInFlight: settings.mostInFlight ?? 1000,
    clock: settings.clock ?? systemClock,
    resolvConf: settings.resolvConf ?? '/etc/resolv.conf',
    linkFiles: settings.linkFiles ?? LINK_FILES,
    ownListeners: settings.ownListeners ?? (() => []),
    onEvent: settings.onEvent ?? (() => undefined),
  };
}

/** What an upstream is called in messages and metrics. */
export function upstreamName(upstream: UpstreamAddress): string {
  const place = hostPort(upstream.address, upstream.port);
  return upstream.zone === undefined ? place : `${place} for ${upstream.zone}`;
}
