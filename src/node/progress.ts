/**
 * Tracks how far the kernel is behind the cluster: the changes that are not programmed yet, and since when. Health and
 * metrics read it.
 */
export class Progress {
  readonly #now: () => number;
  /** Service -> the time of its oldest change that is not programmed. */
  readonly #pending = new Map<string, number>();
  #lastApplied: number | undefined;

  /** @param now a monotonic clock in milliseconds */
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

  /** The age in milliseconds of the oldest change that is not programmed; 0 if none is pending. */
  oldestMs(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const at of this.#pending.values()) oldest = Math.min(oldest, at);
    return this.#pending.size === 0 ? 0 : this.#now() - oldest;
  }
}
