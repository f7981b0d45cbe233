import { Durations } from '../statistics.ts';

const DURATION_BOUNDS: readonly number[] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export type AskOutcome =
  | { readonly kind: 'answer'; readonly rcode: number }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'failed' | 'unreadable' };

/** What became of the queries to one upstream since it was added. */
export class UpstreamCounters {
  /** Answers by the number of their rcode. */
  readonly answers = new Map<number, number>();
  timeouts = 0;
  /** Nothing could be sent, or what came could not be read. */
  failures = 0;
  /** Messages that answered something else: forged, late, or mangled on the way. */
  dropped = 0;
  readonly durations = new Durations(DURATION_BOUNDS);

  count(outcome: AskOutcome, seconds: number): void {
    if (outcome.kind === 'answer') this.answers.set(outcome.rcode, (this.answers.get(outcome.rcode) ?? 0) + 1);
    else if (outcome.kind === 'timeout') this.timeouts++;
    else this.failures++;
    this.durations.observe(seconds);
  }
}

export interface UpstreamMetrics {
  readonly upstream: string;
  readonly state: 'up' | 'down' | 'loop';
  readonly counters: Readonly<UpstreamCounters>;
}

/** Numbers of a forwarder since its start. */
export interface ForwardMetrics {
  readonly upstreams: readonly UpstreamMetrics[];
  readonly cacheHits: number;
  readonly cacheMisses: number;
  /** Answers beyond their time, since nobody could be asked. */
  readonly stale: number;
  /** Questions that waited for the answer to the same question of somebody else. */
  readonly joined: number;
  /** Questions turned away since too many were waiting. */
  readonly turnedAway: number;
  readonly inFlight: number;
  readonly cacheEntries: number;
  /** A reckoning, see `CacheLimits`. */
  readonly cacheBytes: number;
}
