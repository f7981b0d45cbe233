import type { ObjectEvent } from '../kube/objects.ts';
import { type Applied, ChangeQueue, type FailedChange, type Listener, type Plane } from '../planes/index.ts';
import { type LocalPods, type Overrides, WorkloadPods } from '../pods/index.ts';
import { type NodeContext, type ObjectsTaken, type RouteKey, RouteTable } from '../routing/index.ts';
import type { ManifestSource } from '../sources/manifests/index.ts';
import type { Notice } from '../sources/source.ts';

export interface UpOptions {
  readonly source: ManifestSource;
  readonly overrides: Overrides;
  readonly plane: Plane;
  /** The node that routes are for; none on a laptop, where every endpoint is local. */
  readonly node?: NodeContext;
  /** Makes the runner of local pods; it reports what becomes of them to the callback. */
  readonly pods?: (report: (events: readonly ObjectEvent[]) => void, up: Up) => LocalPods;
  /** What the store has just taken, before it is routed: for readers of the objects themselves. */
  readonly onObjects?: ObjectsTaken;
  /** Routes that are real now, with where they can be dialled. */
  readonly onApplied: (applied: Applied) => void;
  readonly onNotices: (notices: readonly Notice[]) => void;
}

export class Up {
  readonly table: RouteTable;
  readonly #options: UpOptions;
  readonly #workloads = new WorkloadPods();
  readonly #queue: ChangeQueue;
  readonly #listeners = new Map<RouteKey, readonly Listener[]>();
  #pods: LocalPods | undefined;
  /** Pods start when the Services listen, since their environment names the addresses. */
  #held: ObjectEvent[] | undefined = [];
  #closed = false;

  constructor(options: UpOptions) {
    this.#options = options;
    this.table = new RouteTable(options.node, options.onObjects);
    this.#queue = new ChangeQueue(options.plane, {
      onApplied: applied => this.#applied(applied),
      onFailed: (reason, failed) => this.#failed(reason, failed),
    });
  }

  /** Where a route can be dialled; empty if nowhere. */
  listenersOf(route: RouteKey): readonly Listener[] {
    return this.#listeners.get(route) ?? [];
  }

  /**
   * Takes the first state, listens, starts the pods and follows the source from then on. Resolves when everything
   * that can listen does.
   */
  async start(first: readonly ObjectEvent[]): Promise<void> {
    this.#take(first);
    // A plane may hold what an earlier run has left, which is to go even if there is no Service at all.
    if (this.table.routes().next().done === true) this.#queue.reconcile();
    await this.#queue.idle();
    if (this.#options.pods !== undefined) {
      this.#pods = this.#options.pods(events => this.#route(events), this);
      const held = this.#held ?? [];
      this.#held = undefined;
      this.#route(this.#pods.apply(held));
    }
    this.#held = undefined;
    this.#options.source.watch(update => {
      if (this.#closed) return;
      this.#options.onNotices(update.notices);
      this.#take(update.events);
    });
    await this.#queue.idle();
  }

  /** Stops taking changes, ends the pods, lets open connections finish for `drainMs`. */
  async close(options: { readonly drainMs: number }): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#options.source.close();
    await this.#queue.close();
    await this.#options.plane.close(options);
    await this.#pods?.close();
  }

  #take(events: readonly ObjectEvent[]): void {
    const placed = this.#options.overrides.apply(this.#workloads.apply(events));
    if (this.#pods !== undefined) this.#route(this.#pods.apply(placed));
    else {
      if (this.#options.pods !== undefined) this.#held?.push(...placed);
      this.#route(placed);
    }
  }

  #route(events: readonly ObjectEvent[]): void {
    // Pods that end while everything ends are no news.
    if (events.length > 0 && !this.#closed) this.#queue.push(this.table.update(events));
  }

  #applied(applied: Applied): void {
    for (const { change, listeners } of applied.outcomes) {
      if (listeners.length === 0) this.#listeners.delete(change.route.key);
      else this.#listeners.set(change.route.key, listeners);
    }
    this.#options.onApplied(applied);
  }

  #failed(reason: string, failed: readonly FailedChange[]): void {
    const services = [...new Set(failed.map(({ change }) => change.route.service))];
    const more = services.length > 3 ? ` and ${services.length - 3} more` : '';
    const object = services.length === 0 ? '' : `Services ${services.slice(0, 3).join(', ')}${more}`;
    const why = `the ${this.#options.plane.name} plane could not make ${failed.length} changes: ${reason}`;
    const fix = 'what was there before stays; Switchboard retries';
    this.#options.onNotices([{ level: 'fault', where: '', object, field: '', why, fix }]);
  }
}
