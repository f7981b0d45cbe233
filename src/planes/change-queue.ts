import type { RouteChange, RouteKey } from '../routing/index.ts';
import type { ApplyReport, Plane } from './plane.ts';

/** What the queue needs of a plane. */
type Applies = Pick<Plane, 'apply'>;

/** What one turn of the queue applied, and what came of it. */
export interface Applied {
  readonly changes: readonly RouteChange[];
  readonly report: ApplyReport;
}

/**
 * Hands changes to a plane, one apply at a time. Changes that arrive during an apply go together in the next one, a
 * route's later change in place of its earlier; there is no wait otherwise. Changes that the plane did not take wait
 * for the next push and go with it, so that `previous` is always what the plane has.
 */
export class ChangeQueue {
  readonly #plane: Applies;
  readonly #onApplied: (applied: Applied) => void;
  readonly #onFailed: (error: unknown, changes: readonly RouteChange[]) => void;
  #waiting = new Map<RouteKey, RouteChange>();
  /** Something was pushed since the last apply began. */
  #due = false;
  #running: Promise<void> | undefined;

  constructor(
    plane: Applies,
    onApplied: (applied: Applied) => void,
    onFailed: (error: unknown, changes: readonly RouteChange[]) => void,
  ) {
    this.#plane = plane;
    this.#onApplied = onApplied;
    this.#onFailed = onFailed;
  }

  push(changes: readonly RouteChange[]): void {
    for (const change of changes) this.#merge(change);
    this.#due = true;
    if (this.#waiting.size > 0) this.#running ??= this.#run();
  }

  /** Resolves when all that was pushed has been applied, or has failed. */
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
    while (this.#due && this.#waiting.size > 0) {
      this.#due = false;
      const changes = [...this.#waiting.values()];
      this.#waiting = new Map();
      try {
        const report = await this.#apply(changes);
        this.#onApplied({ changes, report });
      } catch (error) {
        this.#onFailed(error, changes);
      }
    }
    this.#running = undefined;
  }

  /** What the plane does not take is put back, before what has come in the meantime. */
  async #apply(changes: readonly RouteChange[]): Promise<ApplyReport> {
    try {
      return await this.#plane.apply(changes);
    } catch (error) {
      const later = this.#waiting.values();
      this.#waiting = new Map(changes.map(change => [change.route.key, change]));
      for (const change of later) this.#merge(change);
      throw error;
    }
  }
}
