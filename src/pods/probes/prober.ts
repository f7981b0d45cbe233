import type { Probe } from '../../kube/index.ts';

/** The interval after a start, so that a pod becomes ready at once and not a period later. */
const EAGER_MS = 200;

/** When a probe runs, and how often it must succeed or fail in a row. */
export type ProbeTiming = Pick<
  Probe,
  'initialDelaySeconds' | 'periodSeconds' | 'successThreshold' | 'failureThreshold'
>;

export interface ProberOptions {
  readonly probe: ProbeTiming;
  /** Probe often until the first success. Failures still count once per period only, as the manifest says. */
  readonly eager: boolean;
  /** Returns undefined on success, else the reason; never rejects. */
  readonly run: () => Promise<string | undefined>;
  /** Called when the reason of a failure changes. */
  readonly onFailure?: (why: string) => void;
  /** Called when the verdict changes: after `successThreshold` successes or `failureThreshold` failures in a row. */
  readonly onVerdict: (good: boolean, why: string | undefined) => void;
}

/** Runs one probe repeatedly until it is stopped. */
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
    // The kubelet first probes at a random moment within the period; an immediate liveness probe would kill a starting process.
    const first = options.eager ? initialDelaySeconds : Math.max(initialDelaySeconds, periodSeconds);
    this.#timer = setTimeout(() => void this.#once(), first * 1000);
  }

  /** The reason why the last run failed; undefined if it succeeded. */
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
    // Timers may fire up to a millisecond early.
    if (now - this.#failureCountedAt < this.#options.probe.periodSeconds * 1000 - 5) return;
    this.#failureCountedAt = now;
    this.#failures += 1;
    if (this.#verdict === false || this.#failures < this.#options.probe.failureThreshold) return;
    this.#verdict = false;
    this.#options.onVerdict(false, why);
  }
}
