export interface QueryLimits {
  /** The maximum number of different queries that run. */
  readonly maxInFlight: number;
  /** The maximum number of clients that wait for queries of other clients. */
  readonly maxJoined: number;
}

/** Runs equal queries once at a time. */
export class JoinedQueries<V> {
  readonly #limits: QueryLimits;
  readonly #running = new Map<string, Promise<V>>();
  #waiting = 0;
  /** The number of queries that have waited for another. */
  joined = 0;

  constructor(limits: QueryLimits) {
    this.#limits = limits;
  }

  get inFlight(): number {
    return this.#running.size;
  }

  /** Starts a query, or waits for an equal one. @returns undefined above a limit */
  run(key: string, start: () => Promise<V>): Promise<V> | undefined {
    const running = this.#running.get(key);
    if (running === undefined) {
      if (this.#running.size >= this.#limits.maxInFlight) return undefined;
      const query = start().finally(() => this.#running.delete(key));
      this.#running.set(key, query);
      return query;
    }
    if (this.#waiting >= this.#limits.maxJoined) return undefined;
    this.#waiting++;
    this.joined++;
    return running.finally(() => this.#waiting--);
  }

  /** Resolves when the queries that run now have ended. */
  async idle(): Promise<void> {
    await Promise.all(this.#running.values());
  }
}
