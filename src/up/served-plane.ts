import { sameData } from '../data/index.ts';
import {
  type Applied,
  appliesAgain,
  ChangeQueue,
  type FailedChange,
  type Listener,
  type Plane,
} from '../planes/index.ts';
import type { RouteChange, RouteKey } from '../routing/index.ts';

/** A plane that follows the routes, and where they can be dialled by it. */
export class ServedPlane {
  readonly plane: Plane;
  readonly #queue: ChangeQueue;
  readonly #listeners = new Map<RouteKey, readonly Listener[]>();
  readonly #onApplied = new Set<(applied: Applied) => void>();

  constructor(plane: Plane, onFailed: (plane: Plane, reason: string, failed: readonly FailedChange[]) => void) {
    this.plane = plane;
    this.#queue = new ChangeQueue(plane, {
      onApplied: applied => this.#applied(applied),
      onFailed: (reason, failed) => onFailed(plane, reason, failed),
    });
  }

  push(changes: readonly RouteChange[]): void {
    this.#queue.push(changes);
  }

  reconcile(): void {
    this.#queue.reconcile();
  }

  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /** Where a route can be dialled; empty if nowhere. */
  listenersOf(route: RouteKey): readonly Listener[] {
    return this.#listeners.get(route) ?? [];
  }

  /** Calls the listener after every apply, when `listenersOf` answers for it. @returns a function that ends this */
  onApplied(listener: (applied: Applied) => void): () => void {
    this.#onApplied.add(listener);
    return () => this.#onApplied.delete(listener);
  }

  async close(options: { readonly drainMs: number }): Promise<void> {
    await this.#queue.close();
    await this.plane.close(options);
  }

  /** Passes an apply on, without the routes that were applied again and listen as before. */
  #applied(applied: Applied): void {
    const same = new Set<RouteChange>();
    for (const { change, listeners } of applied.outcomes) {
      const { key } = change.route;
      if (appliesAgain(change) && sameData(listeners, this.listenersOf(key))) same.add(change);
      if (listeners.length === 0) this.#listeners.delete(key);
      else this.#listeners.set(key, listeners);
    }
    const changes = applied.changes.filter(change => !same.has(change));
    if (changes.length > 0 || same.size === 0) {
      for (const listener of this.#onApplied) listener({ ...applied, changes });
    }
  }
}
