/**
 * Wires `up` together: source -> pods of workloads -> overrides -> local pods -> world -> routes -> plane. Decides the
 * order of startup and shutdown, and what happens on failure.
 *
 * @module
 */
import { sameData } from '../data/index.ts';
import type { ObjectEvent } from '../kube/index.ts';
import {
  type Applied,
  appliesAgain,
  ChangeQueue,
  type FailedChange,
  type Listener,
  type Plane,
} from '../planes/index.ts';
import { type LocalPods, type Overrides, WorkloadPods } from '../pods/index.ts';
import { type NodeContext, type RouteChange, type RouteKey, RouteTable } from '../routing/index.ts';
import type { ManifestSource } from '../sources/manifests/index.ts';
import type { Notice } from '../sources/source.ts';
import { World } from '../world/index.ts';

export interface UpOptions {
  readonly source: ManifestSource;
  readonly overrides: Overrides;
  readonly plane: Plane;
  /** The node that routes are for; none on a laptop, where every endpoint is local. */
  readonly node?: NodeContext;
  /** Makes the runner of local pods, which reports their changes to the callback. */
  readonly pods?: (report: (events: readonly ObjectEvent[]) => void, up: Up) => LocalPods;
  readonly onNotices: (notices: readonly Notice[]) => void;
}

export class Up {
  readonly world = new World();
  readonly table: RouteTable;
  readonly #options: UpOptions;
  readonly #workloads = new WorkloadPods();
  readonly #queue: ChangeQueue;
  readonly #listeners = new Map<RouteKey, readonly Listener[]>();
  readonly #onApplied = new Set<(applied: Applied) => void>();
  #pods: LocalPods | undefined;
  /** Pods start when the Services listen, since their environment names the addresses. */
  #held: ObjectEvent[] = [];
  #starting: Promise<void> | undefined;
  #closed = false;

  constructor(options: UpOptions) {
    this.#options = options;
    this.table = new RouteTable(this.world.store, options.node);
    this.#queue = new ChangeQueue(options.plane, {
      onApplied: applied => this.#applied(applied),
      onFailed: (reason, failed) => this.#failed(reason, failed),
    });
    this.world.subscribe('routes', (_events, touched) => this.#queue.push(this.table.update(touched)));
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

  /**
   * Takes the first state, listens, starts the pods and follows the source from then on. Resolves when everything
   * that can listen does, or, without having started the rest, when `close` is called or the signal is aborted.
   */
  start(first: readonly ObjectEvent[], options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#starting = this.#start(first, options.signal);
    return this.#starting;
  }

  /** Waits for a start that is under way, ends the pods, lets open connections finish for `drainMs`. */
  async close(options: { readonly drainMs: number }): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#starting?.catch(() => undefined);
    await this.#options.source.close();
    await this.#queue.close();
    await this.#options.plane.close(options);
    await this.#pods?.close();
  }

  async #start(first: readonly ObjectEvent[], signal: AbortSignal | undefined): Promise<void> {
    if (this.#closed || signal?.aborted) return;
    this.#take(first);
    // A plane may hold what an earlier run has left, which is to go even if there is no Service at all.
    if (this.table.routes().next().done === true) this.#queue.reconcile();
    await this.#queue.idle();
    if (this.#closed || signal?.aborted) return;
    if (this.#options.pods !== undefined) {
      this.#pods = this.#options.pods(events => this.#route(events), this);
      this.#route(this.#pods.apply(this.#held));
    }
    this.#held = [];
    this.#options.source.watch(update => {
      if (this.#closed) return;
      this.#options.onNotices(update.notices);
      this.#take(update.events);
    });
    await this.#queue.idle();
  }

  #take(events: readonly ObjectEvent[]): void {
    const placed = this.#options.overrides.apply(this.#workloads.apply(events));
    if (this.#pods !== undefined) this.#route(this.#pods.apply(placed));
    else {
      if (this.#options.pods !== undefined) this.#held = [...this.#held, ...placed];
      this.#route(placed);
    }
  }

  #route(events: readonly ObjectEvent[]): void {
    // Pods that end while everything ends are no news.
    if (events.length > 0 && !this.#closed) this.world.apply(events);
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
    if (changes.length > 0 || same.size === 0)
      for (const listener of this.#onApplied) listener({ ...applied, changes });
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
