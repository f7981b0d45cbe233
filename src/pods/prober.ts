import type { Probe } from '../kube/objects.ts';

/** A process that has just started is asked this often, so that it is ready when it is and not a period later. */
const EAGER_MS = 200;

export interface ProberOptions {
  readonly probe: Probe;
  /** Ask often until the first success. A failure still counts once a period only, as the manifest means it. */
  readonly eager: boolean;
  /** Gives undefined on success, else why not; never rejects. */
  readonly run: () => Promise<string | undefined>;
  /** It failed for another reason than the time before. */
  readonly onFailure?: (why: string) => void;
  /** The verdict is new: `successThreshold` successes or `failureThreshold` failures in a row. */
  readonly onVerdict: (good: boolean, why: string | undefined) => void;
}

/** Runs one probe again and again until it is stopped. */
export class Prober {
  readonly #options: ProberOptions;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #successes = 0;
  #failures = 0;
  #failureCountedAt = Number.NEGATIVE_INFINITY;
  #verdict: boolean | undefined;
  #everGood = false;
  #lastFailure: string | undefined;

  constructor(options: ProberOptions) {
    this.#options = options;
    const { initialDelaySeconds, periodSeconds } = options.probe;
    // The kubelet first asks at some moment within the period; a liveness probe at once would kill what is starting.
    const first = options.eager ? initialDelaySeconds : Math.max(initialDelaySeconds, periodSeconds);
    this.#timer = setTimeout(() => void this.#once(), first * 1000);
  }

  /** Why the last run failed; undefined if it did not. */
  get lastFailure(): string | undefined {
    return this.#lastFailure;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #once(): Promise<void> {
    const why = await this.#options.run();
    if (this.#stopped) return;
    const news = why !== undefined && why !== this.#lastFailure;
    this.#lastFailure = why;
    if (news) this.#options.onFailure?.(why);
    if (why === undefined) this.#succeeded();
    else this.#failed(why);
    if (this.#stopped) return;
    const period = this.#options.probe.periodSeconds * 1000;
    const wait = this.#options.eager && !this.#everGood ? Math.min(EAGER_MS, period) : period;
    this.#timer = setTimeout(() => void this.#once(), wait);
  }

  #succeeded(): void {
    this.#successes += 1;
    this.#failures = 0;
    if (this.#verdict === true || this.#successes < this.#options.probe.successThreshold) return;
    this.#verdict = true;
    this.#everGood = true;
    this.#options.onVerdict(true, undefined);
  }

  #failed(why: string): void {
    this.#successes = 0;
    const now = performance.now();
    // Timers are early by up to a millisecond.
    if (now - this.#failureCountedAt < this.#options.probe.periodSeconds * 1000 - 5) return;
    this.#failureCountedAt = now;
    this.#failures += 1;
    if (this.#verdict === false || this.#failures < this.#options.probe.failureThreshold) return;
    this.#verdict = false;
    this.#options.onVerdict(false, why);
  }
}
