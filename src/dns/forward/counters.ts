/** Upper bounds of the histogram, in seconds. */
export const DURATION_BUCKETS: readonly number[] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What one upstream was asked since it was added. */
export interface UpstreamMetrics {
  readonly upstream: string;
  readonly state: 'up' | 'down' | 'loop';
  /** Answers by the number of their rcode. */
  readonly answers: ReadonlyMap<number, number>;
  readonly timeouts: number;
  /** Nothing could be sent, or what came could not be read. */
  readonly failures: number;
  /** Messages that answered something else: forged, late, or mangled on the way. */
  readonly dropped: number;
  readonly durations: Durations;
}

/** A histogram as Prometheus has it, but each bucket counts only what the one below it does not. */
export interface Durations {
  readonly sum: number;
  readonly count: number;
  /** One for each of `DURATION_BUCKETS`, and one for what took longer. */
  readonly buckets: readonly number[];
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

export type AskOutcome =
  | { readonly kind: 'answer'; readonly rcode: number }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'failed' | 'unreadable' };

export class UpstreamCounters {
  readonly #answers = new Map<number, number>();
  readonly #buckets = new Array<number>(DURATION_BUCKETS.length + 1).fill(0);
  #timeouts = 0;
  #failures = 0;
  #dropped = 0;
  #sum = 0;
  #count = 0;

  asked(outcome: AskOutcome, seconds: number): void {
    if (outcome.kind === 'answer') this.#answers.set(outcome.rcode, (this.#answers.get(outcome.rcode) ?? 0) + 1);
    else if (outcome.kind === 'timeout') this.#timeouts++;
    else this.#failures++;
    const bucket = DURATION_BUCKETS.findIndex(bound => seconds <= bound);
    const index = bucket < 0 ? DURATION_BUCKETS.length : bucket;
    this.#buckets[index] = (this.#buckets[index] ?? 0) + 1;
    this.#sum += seconds;
    this.#count++;
  }

  dropped(): void {
    this.#dropped++;
  }

  read(upstream: string, state: UpstreamMetrics['state']): UpstreamMetrics {
    return {
      upstream,
      state,
      answers: new Map(this.#answers),
      timeouts: this.#timeouts,
      failures: this.#failures,
      dropped: this.#dropped,
      durations: { sum: this.#sum, count: this.#count, buckets: [...this.#buckets] },
    };
  }
}
