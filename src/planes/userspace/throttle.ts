/** Lets one through in a while and counts the others, so that a storm of one fault is one line and not thousands. */
export class Throttle {
  readonly #everyMs: number;
  #last = Number.NEGATIVE_INFINITY;
  #held = 0;

  constructor(everyMs = 1_000) {
    this.#everyMs = everyMs;
  }

  /** @returns how many were held back since the last one that went through; undefined: this one is held back. */
  pass(now: number): number | undefined {
    if (now - this.#last < this.#everyMs) {
      this.#held++;
      return undefined;
    }
    const held = this.#held;
    this.#last = now;
    this.#held = 0;
    return held;
  }
}
