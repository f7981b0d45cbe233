export type Transport = 'udp' | 'tcp';

/** How many answers of one sort have been given; plain numbers that the hot path adds to. */
export interface AnswerCount {
  /** `.` for names outside our zones. */
  readonly zone: string;
  readonly type: number;
  readonly rcode: number;
  readonly transport: Transport;
  total: number;
  /** Of them, from the cache of encoded answers. */
  cached: number;
}

/** How long things took, counted in buckets. */
export class Durations {
  /** In seconds; a last bucket holds what took longer. */
  readonly bounds: readonly number[];
  /** `buckets[i]`: at most `bounds[i]`, and more than the bound before it. */
  readonly buckets: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.buckets = new Float64Array(bounds.length + 1);
  }

  took(seconds: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && seconds > (this.bounds[bucket] ?? 0)) bucket++;
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
    this.sum += seconds;
  }
}

const DURATION_BOUNDS: readonly number[] = Array.from({ length: 16 }, (_, power) => 0.000_25 * 2 ** power);

/** Why a message got no answer. */
export type DropReason = 'malformed' | 'rate' | 'overload';
const DROP_REASONS: readonly DropReason[] = ['malformed', 'rate', 'overload'];

/** What was counted in a while, as data. */
export interface StatisticsTaken {
  readonly counts: readonly AnswerCount[];
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly buckets: Float64Array;
  readonly sum: number;
}

/** What the server counts; `prometheus.ts` exposes it. */
export class DnsStatistics {
  readonly #counts = new Map<string, AnswerCount>();
  readonly dropped: Record<DropReason, number> = { malformed: 0, rate: 0, overload: 0 };
  readonly durations = new Durations(DURATION_BOUNDS);
  connections = 0;

  /** The counter to add to; the same object each time. */
  of(zone: string, type: number, rcode: number, transport: Transport): AnswerCount {
    const id = `${zone} ${type} ${rcode} ${transport}`;
    const known = this.#counts.get(id);
    if (known !== undefined) return known;
    // Clients make types up; beyond a bound they are counted as one.
    if (this.#counts.size >= MAX_COUNTS && type !== OTHER_TYPE) return this.of(zone, OTHER_TYPE, rcode, transport);
    const made: AnswerCount = { zone, type, rcode, transport, total: 0, cached: 0 };
    this.#counts.set(id, made);
    return made;
  }

  counts(): Iterable<AnswerCount> {
    return this.#counts.values();
  }

  /** What was counted so far, which is forgotten here, to be added elsewhere. */
  take(): StatisticsTaken {
    const { dropped, durations } = this;
    const counts = [...this.#counts.values()].filter(count => count.total > 0).map(count => ({ ...count }));
    const taken = { counts, dropped: { ...dropped }, buckets: durations.buckets.slice(), sum: durations.sum };
    // The counters themselves stay: kept answers add to theirs.
    for (const count of this.#counts.values()) {
      count.total = 0;
      count.cached = 0;
    }
    for (const reason of DROP_REASONS) dropped[reason] = 0;
    durations.buckets.fill(0);
    durations.sum = 0;
    return taken;
  }

  add({ counts, dropped, buckets, sum }: StatisticsTaken): void {
    for (const { zone, type, rcode, transport, total, cached } of counts) {
      const count = this.of(zone, type, rcode, transport);
      count.total += total;
      count.cached += cached;
    }
    for (const reason of DROP_REASONS) this.dropped[reason] += dropped[reason];
    const own = this.durations;
    for (const [bucket, number] of buckets.entries()) own.buckets[bucket] = (own.buckets[bucket] ?? 0) + number;
    own.sum += sum;
  }
}

const MAX_COUNTS = 1000;
/** A type that is none (RFC 6895, 3.1). */
export const OTHER_TYPE = 0;
