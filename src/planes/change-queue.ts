import { setTimeout as delay } from 'node:timers/promises';
import type { RouteChange, RouteKey } from '../routing/index.ts';
import { IncompleteRoutes } from './incomplete-routes.ts';
import { failedReport, guarded } from './outcomes.ts';
import type { ApplyReport, Plane, RouteOutcome } from './plane.ts';

/** One apply of the queue that did not fail as a whole. */
export interface Applied {
  /** The changes that the plane made; those that failed are not among them. */
  readonly changes: readonly RouteChange[];
  /** The outcome of every change of the apply, including those that failed. */
  readonly outcomes: readonly RouteOutcome[];
  /** The duration of the plane's apply. */
  readonly milliseconds: number;
}

/** A change that the plane could not make. */
export type FailedChange = RouteOutcome & { readonly failure: string };

export interface QueueOptions {
  /** Called after every apply that made at least some of its changes. */
  readonly onApplied: (applied: Applied) => void;
  /** Called after `onApplied` if changes failed, or the apply as a whole. The queue retries. */
  readonly onFailed: (reason: string, failed: readonly FailedChange[]) => void;
  /** The minimum time between the starts of two applies; changes in between are batched. Default: 0. */
  readonly minIntervalMs?: number;
  /** The delay before failed changes are retried, unless another change comes first; doubles up to a minute. */
  readonly retryMs?: number;
}

const DEFAULT_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;
/** The number of different reasons that a message names. */
const MAX_REASONS = 3;

/**
 * Passes changes to a plane, one apply at a time. Changes that arrive during an apply are batched for the next one; a later
 * change of a route replaces the earlier one. Failed changes are retried after a delay or with the next change, whichever
 * comes first, so `previous` is always what the plane has. Routes of which a listener failed are applied again after a
 * delay of their own.
 */
export class ChangeQueue {
  readonly #plane: Pick<Plane, 'apply'>;
  readonly #onApplied: QueueOptions['onApplied'];
  readonly #onFailed: QueueOptions['onFailed'];
  readonly #minIntervalMs: number;
  readonly #retryMs: number;
  readonly #incomplete: IncompleteRoutes;
  readonly #closing = new AbortController();
  #pending = new Map<RouteKey, RouteChange>();
  /** Something was pushed, or a retry has become due, since the last apply began. */
  #due = false;
  /** The next apply is made even without changes. */
  #forced = false;
  #running: Promise<void> | undefined;
  #lastApply = Number.NEGATIVE_INFINITY;
  #retry: NodeJS.Timeout | undefined;
  #failures = 0;

  constructor(plane: Pick<Plane, 'apply'>, options: QueueOptions) {
    this.#plane = plane;
    this.#onApplied = guarded(options.onApplied);
    this.#onFailed = guarded(options.onFailed);
    this.#minIntervalMs = options.minIntervalMs ?? 0;
    this.#retryMs = options.retryMs ?? DEFAULT_RETRY_MS;
    const backoff = { firstMs: this.#retryMs, maxMs: MAX_RETRY_MS };
    this.#incomplete = new IncompleteRoutes(backoff, changes => this.#applyAgain(changes));
  }

  push(changes: readonly RouteChange[]): void {
    for (const change of changes) this.#merge(change);
    this.#start();
  }

  /** Applies even if no change is pending: an earlier run may have left routes that have to be removed. */
  reconcile(): void {
    this.#forced = true;
    this.#start();
  }

  /** Resolves when everything that was pushed has been applied or has failed once. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Stops applying and retrying. Resolves when the apply in progress has ended. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#retry);
    await this.idle();
    this.#incomplete.close();
  }

  get #hasWork(): boolean {
    return this.#due && (this.#pending.size > 0 || this.#forced);
  }

  #start(): void {
    this.#due = true;
    if (this.#hasWork && !this.#closing.signal.aborted) this.#running ??= this.#run();
  }

  #merge(change: RouteChange): void {
    const earlier = this.#pending.get(change.route.key);
    // The plane still has what the earlier change started from.
    const previous = earlier === undefined ? undefined : earlier.type === 'set' ? earlier.previous : earlier.route;
    this.#pending.delete(change.route.key);
    if (earlier === undefined) this.#pending.set(change.route.key, change);
    else if (change.type === 'set') {
      const { route } = change;
      this.#pending.set(route.key, { type: 'set', route, ...(previous === undefined ? {} : { previous }) });
    } else if (previous !== undefined) this.#pending.set(change.route.key, { type: 'delete', route: previous });
  }

  /** A pending change of a route tries its listeners anyway. */
  #applyAgain(changes: readonly RouteChange[]): void {
    for (const change of changes) {
      if (!this.#pending.has(change.route.key)) this.#pending.set(change.route.key, change);
    }
    this.#start();
  }

  async #run(): Promise<void> {
    while (this.#hasWork) {
      const wait = this.#lastApply + this.#minIntervalMs - performance.now();
      if (wait > 0) await delay(wait, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      if (this.#closing.signal.aborted) break;
      await this.#applyWaiting();
    }
    this.#running = undefined;
  }

  async #applyWaiting(): Promise<void> {
    this.#due = false;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const changes = [...this.#pending.values()];
    this.#pending = new Map();
    this.#incomplete.forget(changes);
    this.#lastApply = performance.now();
    const forced = this.#forced;
    this.#forced = false;
    const { outcomes, failure } = await this.#apply(changes);
    const milliseconds = performance.now() - this.#lastApply;
    const failed = outcomes.filter(isFailed);
    this.#incomplete.record(outcomes);
    const reasons = new Set([...(failure === undefined ? [] : [failure]), ...failed.map(one => one.failure)]);
    if (reasons.size === 0) this.#failures = 0;
    else this.#scheduleRetry(failed, forced && failure !== undefined);
    const made = outcomes.flatMap(outcome => (isFailed(outcome) ? [] : [outcome.change]));
    if (failure === undefined) this.#onApplied({ changes: made, outcomes, milliseconds });
    if (reasons.size > 0) this.#onFailed([...reasons].slice(0, MAX_REASONS).join('; '), failed);
  }

  /** If the plane throws, which it should not, all changes count as failed. */
  async #apply(changes: readonly RouteChange[]): Promise<ApplyReport> {
    try {
      return await this.#plane.apply(changes);
    } catch (error) {
      return failedReport(changes, error);
    }
  }

  /** Puts failed changes back, before those that have arrived in the meantime. */
  #scheduleRetry(failed: readonly FailedChange[], forced: boolean): void {
    const later = this.#pending.values();
    this.#pending = new Map(failed.map(({ change }) => [change.route.key, change]));
    for (const change of later) this.#merge(change);
    this.#forced ||= forced;
    const wait = Math.min(this.#retryMs * 2 ** this.#failures, MAX_RETRY_MS);
    this.#failures++;
    if (!this.#closing.signal.aborted) this.#retry = setTimeout(() => this.#start(), wait);
  }
}

function isFailed(outcome: RouteOutcome): outcome is FailedChange {
  return outcome.failure !== undefined;
}
