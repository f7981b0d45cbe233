/**
 * Wires `up` together: source -> pods of workloads -> overrides -> local pods -> world -> routes -> planes. Decides the
 * order of startup and shutdown, and what happens on failure.
 *
 * @module
 */
import type { ObjectEvent } from '../kube/index.ts';
import type { FailedChange, Plane } from '../planes/index.ts';
import { isForPodsOnly, type LocalPods, type Overrides, WorkloadPods } from '../pods/index.ts';
import { type NodeContext, RouteTable } from '../routing/index.ts';
import type { ManifestSource } from '../sources/manifests/index.ts';
import type { Notice } from '../sources/source.ts';
import { World } from '../world/index.ts';
import { ServedPlane } from './served-plane.ts';

export interface UpOptions {
  readonly source: ManifestSource;
  readonly overrides: Overrides;
  /** Serves the programs of this machine. */
  readonly plane: Plane;
  /** Serve pods that have networks of their own; other pods use `plane`. */
  readonly podPlanes?: readonly Plane[];
  /** The node that routes are for; none on a laptop, where every endpoint is local. */
  readonly node?: NodeContext;
  /** Makes the runner of local pods, which reports their changes to the callback. */
  readonly pods?: (report: (events: readonly ObjectEvent[]) => void, up: Up) => LocalPods;
  readonly onNotices: (notices: readonly Notice[]) => void;
}

export class Up {
  readonly world = new World();
  readonly table: RouteTable;
  /** The Services as programs of this machine dial them. */
  readonly front: ServedPlane;
  /** The Services as pods dial them, by the plane of their network. */
  readonly #inside: ReadonlyMap<Plane, ServedPlane>;
  readonly #options: UpOptions;
  readonly #workloads = new WorkloadPods();
  #pods: LocalPods | undefined;
  /** Pods start when the Services listen, since their environment names the addresses. */
  #held: ObjectEvent[] = [];
  #starting: Promise<void> | undefined;
  #closed = false;

  constructor(options: UpOptions) {
    this.#options = options;
    this.table = new RouteTable(this.world.store, options.node);
    const onFailed = (plane: Plane, reason: string, failed: readonly FailedChange[]): void =>
      this.#failed(plane, reason, failed);
    this.front = new ServedPlane(options.plane, onFailed);
    this.#inside = new Map((options.podPlanes ?? []).map(plane => [plane, new ServedPlane(plane, onFailed)]));
    this.world.subscribe('routes', (_events, touched) => {
      const changes = this.table.update(touched);
      for (const plane of this.#planes()) plane.push(changes);
    });
  }

  /** The Services as the pods of a network dial them. @param plane of `podPlanes`; undefined: they dial the front */
  inside(plane: Plane | undefined): ServedPlane {
    return (plane === undefined ? undefined : this.#inside.get(plane)) ?? this.front;
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
    await this.front.close(options);
    await this.#pods?.close();
    // Pods dial Services until they have ended.
    for (const plane of this.#inside.values()) await plane.close({ drainMs: 0 });
  }

  async #start(first: readonly ObjectEvent[], signal: AbortSignal | undefined): Promise<void> {
    if (this.#closed || signal?.aborted) return;
    this.#take(first);
    // A plane may hold what an earlier run has left, which is to go even if there is no Service at all.
    if (this.table.routes().next().done === true) for (const plane of this.#planes()) plane.reconcile();
    await this.#idle();
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
    await this.#idle();
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
    // Secrets and the like stay with the runner of pods.
    const routed = this.#options.pods === undefined ? events : events.filter(event => !isForPodsOnly(event));
    // Pods that end while everything ends are no news.
    if (routed.length > 0 && !this.#closed) this.world.apply(routed);
  }

  #planes(): readonly ServedPlane[] {
    return [this.front, ...this.#inside.values()];
  }

  async #idle(): Promise<void> {
    for (const plane of this.#planes()) await plane.idle();
  }

  #failed(plane: Plane, reason: string, failed: readonly FailedChange[]): void {
    const services = [...new Set(failed.map(({ change }) => change.route.service))];
    const more = services.length > 3 ? ` and ${services.length - 3} more` : '';
    const object = services.length === 0 ? '' : `Services ${services.slice(0, 3).join(', ')}${more}`;
    const why = `the ${plane.name} plane could not make ${failed.length} changes: ${reason}`;
    const fix = 'what was there before stays; Switchboard retries';
    this.#options.onNotices([{ level: 'fault', where: '', object, field: '', why, fix }]);
  }
}
