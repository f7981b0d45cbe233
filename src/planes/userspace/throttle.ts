/** Passes one event per interval and counts the others, so that a burst of one fault is logged as one line. */
export class Throttle {
  readonly #everyMs: number;
  #last = Number.NEGATIVE_INFINITY;
  #suppressed = 0;

  constructor(everyMs = 1_000) {
    this.#everyMs = everyMs;
  }

  /** @returns the number of events suppressed since the last one that passed; undefined: suppress this one. */
  pass(now: number): number | undefined {
    if (now - this.#last < this.#everyMs) {
      this.#suppressed++;
      return undefined;
    }
    const suppressed = this.#suppressed;
    this.#last = now;
    this.#suppressed = 0;
    return suppressed;
  }
}
