/**
 * How far the kernel is behind the cluster: what has come in and is not programmed yet, since when. Health and metrics
 * read it.
 */
export class Progress {
  readonly #now: () => number;
  /** Service -> when its oldest change came that is not programmed. */
  readonly #pending = new Map<string, number>();
  #lastApplied: number | undefined;

  /** @param now milliseconds of a clock that never steps */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  queued(services: Iterable<string>): void {
    const now = this.#now();
    for (const service of services) if (!this.#pending.has(service)) this.#pending.set(service, now);
  }

  applied(services: Iterable<string>): void {
    for (const service of services) this.#pending.delete(service);
    this.#lastApplied = this.#now();
  }

  /** Whether the first batch has been programmed. */
  get started(): boolean {
    return this.#lastApplied !== undefined;
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** Milliseconds since the oldest change came that is not programmed; 0: none waits. */
  oldestMs(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const at of this.#pending.values()) oldest = Math.min(oldest, at);
    return this.#pending.size === 0 ? 0 : this.#now() - oldest;
  }
}
