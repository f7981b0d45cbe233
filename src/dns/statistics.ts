export type Transport = 'udp' | 'tcp';

/** How many answers of one sort have been given; plain numbers that the hot path adds to. */
export interface AnswerCount {
  /** `.` for names that are not ours. */
  readonly zone: string;
  readonly type: number;
  readonly rcode: number;
  readonly transport: Transport;
  total: number;
  /** Of them, from the cache of encoded answers. */
  cached: number;
}

/** Upper bounds in seconds; a last bucket holds what took longer. */
export const DURATION_BOUNDS: readonly number[] = Array.from({ length: 16 }, (_, power) => 0.000_25 * 2 ** power);

/** Why a message got no answer. */
export type DropReason = 'malformed' | 'rate' | 'overload';
const DROP_REASONS: readonly DropReason[] = ['malformed', 'rate', 'overload'];

/** What was counted in a while, as data. */
export interface StatisticsTaken {
  readonly counts: readonly AnswerCount[];
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly durations: Float64Array;
  readonly durationSum: number;
}

/** What the server counts; `metrics.ts` shows it to Prometheus. */
export class DnsStatistics {
  readonly #counts = new Map<string, AnswerCount>();
  readonly dropped: Record<DropReason, number> = { malformed: 0, rate: 0, overload: 0 };
  /** How many answers took at most `DURATION_BOUNDS[i]` and more than the bound before. */
  readonly durations = new Float64Array(DURATION_BOUNDS.length + 1);
  durationSum = 0;
  connections = 0;

  /** The counter to add to; the same object each time. */
  of(zone: string, type: number, rcode: number, transport: Transport): AnswerCount {
    const id = `${zone} ${type} ${rcode} ${transport}`;
    const known = this.#counts.get(id);
    if (known !== undefined) return known;
    // Types are what askers make up; beyond a bound they are counted as one.
    if (this.#counts.size >= MOST_COUNTS && type !== OTHER_TYPE) return this.of(zone, OTHER_TYPE, rcode, transport);
    const made: AnswerCount = { zone, type, rcode, transport, total: 0, cached: 0 };
    this.#counts.set(id, made);
    return made;
  }

  counts(): Iterable<AnswerCount> {
    return this.#counts.values();
  }

  took(seconds: number): void {
    let bucket = 0;
    while (bucket < DURATION_BOUNDS.length && seconds > (DURATION_BOUNDS[bucket] ?? 0)) bucket++;
    this.durations[bucket] = (this.durations[bucket] ?? 0) + 1;
    this.durationSum += seconds;
  }

  /** What was counted so far, which is forgotten here, to be added elsewhere. */
  take(): StatisticsTaken {
    const counts = [...this.#counts.values()].filter(count => count.total > 0).map(count => ({ ...count }));
    const taken = { counts, dropped: { ...this.dropped }, durations: this.durations.slice() };
    const { durationSum } = this;
    // The counters themselves stay: kept answers add to theirs.
    for (const count of this.#counts.values()) {
      count.total = 0;
      count.cached = 0;
    }
    for (const reason of DROP_REASONS) this.dropped[reason] = 0;
    this.durations.fill(0);
    this.durationSum = 0;
    return { ...taken, durationSum };
  }

  add({ counts, dropped, durations, durationSum }: StatisticsTaken): void {
    for (const { zone, type, rcode, transport, total, cached } of counts) {
      const count = this.of(zone, type, rcode, transport);
      count.total += total;
      count.cached += cached;
    }
    for (const reason of DROP_REASONS) this.dropped[reason] += dropped[reason];
    for (const [bucket, number] of durations.entries()) {
      this.durations[bucket] = (this.durations[bucket] ?? 0) + number;
    }
    this.durationSum += durationSum;
  }
}

const MOST_COUNTS = 1000;
/** A type that is none (RFC 6895, 3.1). */
export const OTHER_TYPE = 0;
