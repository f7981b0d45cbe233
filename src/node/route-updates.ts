import type { ObjectKey } from '../kube/index.ts';
import type { RouteChange, RouteTable } from '../routing/index.ts';
import type { Arrival } from './arrivals.ts';

/** Called with what has arrived and the routes that differ since the last call. */
export type OnRouteChanges = (arrivals: readonly Arrival[], changes: readonly RouteChange[]) => void;

/**
 * Recompiles touched Services at most once per interval. A Service with thousands of endpoints can get many events within
 * one interval, and the kernel takes only the last state.
 */
export class RouteUpdates {
  readonly #table: RouteTable;
  readonly #intervalMs: number;
  readonly #onChanges: OnRouteChanges;
  #touched = new Set<ObjectKey>();
  #arrivals: Arrival[] = [];
  #lastUpdate = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** @param intervalMs the minimum time between two updates; the first one is immediate */
  constructor(table: RouteTable, intervalMs: number, onChanges: OnRouteChanges) {
    this.#table = table;
    this.#intervalMs = intervalMs;
    this.#onChanges = onChanges;
  }

  /** @param touched what `World.apply` has returned */
  add(arrivals: readonly Arrival[], touched: ReadonlySet<ObjectKey>): void {
    for (const arrival of arrivals) this.#arrivals.push(arrival);
    for (const key of touched) this.#touched.add(key);
    const wait = this.#lastUpdate + this.#intervalMs - performance.now();
    if (wait <= 0) this.#update();
    else this.#timer ??= setTimeout(() => this.#update(), wait);
  }

  /** Drops what waits. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #update(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastUpdate = performance.now();
    const [arrivals, touched] = [this.#arrivals, this.#touched];
    this.#arrivals = [];
    this.#touched = new Set();
    this.#onChanges(arrivals, this.#table.update(touched));
  }
}
