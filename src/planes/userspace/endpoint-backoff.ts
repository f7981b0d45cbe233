import { Backoff } from '../../scheduling/index.ts';

const FIRST_MS = 1_000;
const MAX_MS = 10_000;
/** An endpoint without a fault for this long after its last ejection starts again at the first step. */
const FORGET_MS = 60_000;

interface Ejection {
  readonly until: number;
  readonly backoff: Backoff;
}

/** Endpoints that refused or did not answer recently are ejected: for a while, others are preferred. */
export class EndpointBackoff {
  readonly #ejections = new Map<string, Ejection>();
  /** The end of the last ejection. */
  #quietFrom = Number.NEGATIVE_INFINITY;

  /** Whether no endpoint is ejected, the usual case, in one comparison. */
  quiet(now: number): boolean {
    return now >= this.#quietFrom;
  }

  /** @returns for how many milliseconds the endpoint is ejected; 0 if it was already. */
  fail(endpoint: string, now: number): number {
    const known = this.#ejections.get(endpoint);
    // Connections that were on their way to one fault are one fault.
    if (known !== undefined && now < known.until) return 0;
    const fresh = known === undefined || now - known.until > FORGET_MS;
    const backoff = fresh ? new Backoff({ firstMs: FIRST_MS, maxMs: MAX_MS }) : known.backoff;
    const forMs = backoff.next();
    this.#ejections.delete(endpoint);
    this.#ejections.set(endpoint, { until: now + forMs, backoff });
    this.#quietFrom = Math.max(this.#quietFrom, now + forMs);
    for (const [oldest, ejection] of this.#ejections) {
      if (now - ejection.until <= FORGET_MS) break;
      this.#ejections.delete(oldest);
    }
    return forMs;
  }

  succeed(endpoint: string): void {
    this.#ejections.delete(endpoint);
  }

  ejects(endpoint: string, now: number): boolean {
    const ejection = this.#ejections.get(endpoint);
    return ejection !== undefined && now < ejection.until;
  }
}
