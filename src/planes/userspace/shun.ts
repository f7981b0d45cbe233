const FIRST_MS = 1_000;
const MOST_MS = 10_000;
/** A target that has been left alone for so long after its last fault starts again at the first step. */
const FORGET_MS = 60_000;

/** Endpoints that lately refused or did not answer: for a moment others are taken first. */
export class Shun {
  readonly #entries = new Map<string, { readonly until: number; readonly step: number }>();

  /** The last moment at which anybody is shunned. */
  #busyUntil = Number.NEGATIVE_INFINITY;

  /** Nobody is shunned, nobody need be asked about: the usual case, and one comparison. */
  quiet(now: number): boolean {
    return now >= this.#busyUntil;
  }

  /** @returns for how many milliseconds it is now shunned; 0 if it is already. */
  fail(target: string, now: number): number {
    const known = this.#entries.get(target);
    // Connections that were on their way to one fault are one fault.
    if (known !== undefined && now < known.until) return 0;
    const step = known === undefined || now - known.until > FORGET_MS ? FIRST_MS : Math.min(MOST_MS, known.step * 2);
    this.#entries.delete(target);
    this.#entries.set(target, { until: now + step, step });
    this.#busyUntil = Math.max(this.#busyUntil, now + step);
    for (const [oldest, entry] of this.#entries) {
      if (now - entry.until <= FORGET_MS) break;
      this.#entries.delete(oldest);
    }
    return step;
  }

  succeed(target: string): void {
    this.#entries.delete(target);
  }

  shuns(target: string, now: number): boolean {
    const entry = this.#entries.get(target);
    return entry !== undefined && now < entry.until;
  }
}
