import { Backoff } from '../scheduling/index.ts';

/** The kubelet restarts at once, then after 10 s, 20 s ... 5 min. On a laptop one second is the first wait. */
const FIRST_MS = 1000;
const MAX_MS = 60_000;
/** A process that ran this long is not in a crash loop. */
const RESET_AFTER_MS = 60_000;

/** The delay before a container is restarted. */
export class RestartDelay {
  readonly #backoff = new Backoff({ firstMs: FIRST_MS, maxMs: MAX_MS });
  #crashed = false;

  /** @returns milliseconds; 0 for the first restart */
  next(ranMs: number): number {
    if (ranMs >= RESET_AFTER_MS) {
      this.#backoff.reset();
      this.#crashed = false;
    }
    if (this.#crashed) return this.#backoff.next();
    this.#crashed = true;
    return 0;
  }
}
