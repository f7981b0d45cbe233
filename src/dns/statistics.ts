export type Transport = 'udp' | 'tcp';

/** The number of answers of one kind. The hot path increments it directly. */
export interface AnswerCount {
  /** `.` for names outside our zones. */
  readonly zone: string;
  readonly type: number;
  readonly rcode: number;
  readonly transport: Transport;
  total: number;
  /** How many of them came from the cache of encoded answers. */
  cached: number;
}

/** A histogram of durations. */
export class Durations {
  /** Upper bounds of the buckets in seconds, without that of the last, which has none. */
  readonly bounds: readonly number[];
  /** Not cumulative: each holds the values above the bound before it. */
  readonly buckets: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.buckets = new Float64Array(bounds.length + 1);
  }

  observe(seconds: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && seconds > (this.bounds[bucket] ?? 0)) bucket++;
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
    this.sum += seconds;
  }
}

const DURATION_BOUNDS: readonly number[] = Array.from({ length: 16 }, (_, power) => 0.000_25 * 2 ** power);

/** Why a message got no response. */
export type DropReason = 'malformed' | 'rate' | 'overload';
const DROP_REASONS: readonly DropReason[] = ['malformed', 'rate', 'overload'];

/** The counts since the last `take`, as data for another thread. */
export interface StatisticsDelta {
  readonly counts: readonly AnswerCount[];
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly buckets: Float64Array;
  readonly sum: number;
}

/** The counts of a server; `metrics.ts` exposes them. */
export class DnsStatistics {
  readonly #counts = new Map<string, AnswerCount>();
  readonly dropped: Record<DropReason, number> = { malformed: 0, rate: 0, overload: 0 };
  readonly durations = new Durations(DURATION_BOUNDS);
  connections = 0;

  /** @returns the counter of a kind of answer, always the same object */
  of(zone: string, type: number, rcode: number, transport: Transport): AnswerCount {
    const id = `${zone} ${type} ${rcode} ${transport}`;
    const existing = this.#counts.get(id);
    if (existing !== undefined) return existing;
    // Clients invent types: above a limit, all others share a counter.
    if (this.#counts.size >= MAX_COUNTS && type !== OTHER_TYPE) return this.of(zone, OTHER_TYPE, rcode, transport);
    const count: AnswerCount = { zone, type, rcode, transport, total: 0, cached: 0 };
    this.#counts.set(id, count);
    return count;
  }

  counts(): Iterable<AnswerCount> {
    return this.#counts.values();
  }

  /** Returns the counts and resets them. Keeps the counters, since cached answers refer to them. */
  take(): StatisticsDelta {
    const { dropped, durations } = this;
    const counts = [...this.#counts.values()].filter(count => count.total > 0);
    const delta = structuredClone({ counts, dropped, buckets: durations.buckets, sum: durations.sum });
    this.add(delta, -1);
    return delta;
  }

  /** @param times -1 to subtract */
  add({ counts, dropped, buckets, sum }: StatisticsDelta, times: 1 | -1 = 1): void {
    for (const { zone, type, rcode, transport, total, cached } of counts) {
      const count = this.of(zone, type, rcode, transport);
      count.total += times * total;
      count.cached += times * cached;
    }
    for (const reason of DROP_REASONS) this.dropped[reason] += times * dropped[reason];
    const own = this.durations;
    for (const [at, number] of buckets.entries()) own.buckets[at] = (own.buckets[at] ?? 0) + times * number;
    own.sum += times * sum;
  }
}

const MAX_COUNTS = 1000;
/** Not a type of records (RFC 6895, 3.1). */
export const OTHER_TYPE = 0;

const UPSTREAM_BOUNDS: readonly number[] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Counts the outcomes of queries to an upstream. */
export class UpstreamCounters {
  /** Responses by response code. */
  readonly answers = new Map<number, number>();
  timeouts = 0;
  /** The query could not be sent, or the response was malformed. */
  failures = 0;
  /** Messages that match no query: forged, late or corrupted. */
  dropped = 0;
  readonly durations = new Durations(UPSTREAM_BOUNDS);

  /** @param outcome the response code, if there was a response */
  count(outcome: number | 'timeout' | 'failed', seconds: number): void {
    if (outcome === 'timeout') this.timeouts++;
    else if (outcome === 'failed') this.failures++;
    else this.answers.set(outcome, (this.answers.get(outcome) ?? 0) + 1);
    this.durations.observe(seconds);
  }
}
