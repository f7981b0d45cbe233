/** The kubelet restarts at once, then after 10 s, 20 s ... 5 min. On a laptop one second is the first wait. */
const FIRST_MS = 1000;
const MOST_MS = 60_000;
/** A process that ran this long has not crashed in a loop. */
const RESET_AFTER_MS = 60_000;

/** How long to wait before a container that ended is started again. */
export class RestartDelay {
  #failures = 0;

  /** @returns milliseconds; 0 for the first restart */
  next(ranMs: number): number {
    if (ranMs >= RESET_AFTER_MS) this.#failures = 0;
    const delay = this.#failures === 0 ? 0 : Math.min(MOST_MS, FIRST_MS * 2 ** (this.#failures - 1));
    this.#failures += 1;
    return delay;
  }
}
