/** How long to wait before the next attempt. Times in milliseconds. */
export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Returns a number from 0 to below 1. With it, half of each wait is random; without it, waits are exact. */
  readonly random?: () => number;
}

/** A server may request longer waits than the backoff's own, up to this maximum. */
const MAX_RETRY_AFTER_MS = 300_000;

/**
 * Doubles with every consecutive failure, up to a maximum. Randomness is for many clients of one server: the agents of
 * a thousand nodes lose the same API server at the same moment, and must not all reconnect at once.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Failures since the last `reset`. */
  get failures(): number {
    return this.#failures;
  }

  reset(): void {
    this.#failures = 0;
  }

  /**
   * Counts a failure.
   *
   * @param retryAfterMs the wait that the server requested; the wait is never shorter
   * @returns milliseconds
   */
  next(retryAfterMs = 0): number {
    const { firstMs, maxMs, random = always } = this.#options;
    const whole = Math.min(maxMs, firstMs * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    const jittered = whole / 2 + (whole / 2) * random();
    if (retryAfterMs <= 0) return jittered;
    const requested = Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
    return Math.max(jittered, requested + (requested / 10) * random());
  }
}

/** Takes all of the half that would otherwise be random. */
const always = (): number => 1;
