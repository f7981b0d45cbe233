import { Durations } from '../statistics.ts';

const DURATION_BOUNDS: readonly number[] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export type QueryOutcome =
  | { readonly kind: 'answer'; readonly rcode: number }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'failed' | 'unreadable' };

/** Counts the outcomes of queries to an upstream. */
export class UpstreamCounters {
  /** Responses by response code. */
  readonly answers = new Map<number, number>();
  timeouts = 0;
  /** The query could not be sent, or the response was malformed. */
  failures = 0;
  /** Messages that match no query: forged, late or corrupted. */
  dropped = 0;
  readonly durations = new Durations(DURATION_BOUNDS);

  count(outcome: QueryOutcome, seconds: number): void {
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

/** The counts of a forwarder since its start. */
export interface ForwardMetrics {
  readonly upstreams: readonly UpstreamMetrics[];
  readonly cacheHits: number;
  readonly cacheMisses: number;
  /** Expired answers that were served because no upstream responded. */
  readonly stale: number;
  /** Queries that waited for the same query of another client. */
  readonly joined: number;
  /** Queries rejected because too many were waiting. */
  readonly turnedAway: number;
  readonly inFlight: number;
  readonly cacheEntries: number;
  /** An estimate; see `CacheLimits`. */
  readonly cacheBytes: number;
}
