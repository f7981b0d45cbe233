import type { RouteChange, RouteKey } from '../routing/index.ts';
import type { ApplyReport, Plane } from './plane.ts';

/** What one turn of the queue applied, and what came of it. */
export interface Applied {
  readonly changes: readonly RouteChange[];
  readonly report: ApplyReport;
}

/**
 * Hands changes to a plane, one apply at a time. Changes that arrive during an apply go together in the next one, a
 * route's later change in place of its earlier; there is no wait otherwise.
 */
export class ChangeQueue {
  readonly #plane: Plane;
  readonly #onApplied: (applied: Applied) => void;
  readonly #onFailed: (error: unknown, changes: readonly RouteChange[]) => void;
  #waiting = new Map<RouteKey, RouteChange>();
  #running: Promise<void> | undefined;

  constructor(
    plane: Plane,
    onApplied: (applied: Applied) => void,
    onFailed: (error: unknown, changes: readonly RouteChange[]) => void,
  ) {
    this.#plane = plane;
    this.#onApplied = onApplied;
    this.#onFailed = onFailed;
  }

  push(changes: readonly RouteChange[]): void {
    for (const change of changes) this.#merge(change);
    if (this.#waiting.size > 0) this.#running ??= this.#run();
  }

  /** Resolves when all that was pushed has been applied. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  #merge(change: RouteChange): void {
    const earlier = this.#waiting.get(change.route.key);
    // The plane still has what the earlier change started from.
    const previous = earlier === undefined ? undefined : earlier.type === 'set' ? earlier.previous : earlier.route;
    this.#waiting.delete(change.route.key);
    if (earlier === undefined) this.#waiting.set(change.route.key, change);
    else if (change.type === 'set') {
      const { route } = change;
      this.#waiting.set(route.key, { type: 'set', route, ...(previous === undefined ? {} : { previous }) });
    } else if (previous !== undefined) this.#waiting.set(change.route.key, { type: 'delete', route: previous });
  }

  async #run(): Promise<void> {
    while (this.#waiting.size > 0) {
      const changes = [...this.#waiting.values()];
      this.#waiting = new Map();
      try {
        this.#onApplied({ changes, report: await this.#plane.apply(changes) });
      } catch (error) {
        this.#onFailed(error, changes);
      }
    }
    this.#running = undefined;
  }
}
