import { messageOf } from '../../errors.ts';
import type { ProxiedRoute, RouteChange, RouteKey } from '../../routing/index.ts';
import { Serial } from '../../scheduling/index.ts';
import { Machine } from '../../system/index.ts';
import { failedReport } from '../outcomes.ts';
import type { ApplyReport, Listener, Plane, RouteTraffic } from '../plane.ts';
import { FileBudget } from './file-budget.ts';
import { FlowTable } from './flow-table.ts';
import { type ApplyContext, ListenerManager } from './listener-manager.ts';
import type { ListenerSlot } from './listener-slot.ts';
import type { ResolvedOptions } from './options.ts';
import { type Binding, placeFrontends, type Unplaced } from './placement.ts';
import { PortAllocator, placeId } from './port-allocator.ts';
import { type PlaneResources, ServedRoute } from './served-route.ts';
import { Tarpit } from './tarpit.ts';
import { Throttle } from './throttle.ts';

/** The state of one apply(). */
interface PlaneApplyContext extends ApplyContext {
  readonly retired: ServedRoute[];
  /** Why a route could not be made as its change asks. */
  readonly failures: Map<RouteKey, string>;
}

interface RoutePlacement {
  readonly bindings: readonly Binding[];
  readonly unplaced: readonly Unplaced[];
}

interface Prepared {
  readonly served: ServedRoute;
  readonly fresh: ReadonlySet<ListenerSlot>;
}

/** Serves Services on sockets of this process: needs no rights and no kernel modules, and runs on every system. */
export class UserspacePlane implements Plane {
  readonly name = 'userspace';
  readonly #options: ResolvedOptions;
  readonly #shared: PlaneResources;
  readonly #ports: PortAllocator;
  readonly #listeners: ListenerManager;
  readonly #routes = new Map<RouteKey, ServedRoute>();
  /** The number of routes of each Service, which keeps its address until the last one is removed. */
  readonly #routesOf = new Map<string, number>();
  /** Deleted routes whose connections may still finish. */
  readonly #retiring = new Set<ServedRoute>();
  /** Calls that arrive while another one is running wait for it. */
  readonly #serial = new Serial();
  #closed = false;
  /** Called when the last retiring route has ended. */
  #drained: (() => void) | undefined;

  constructor(options: ResolvedOptions, machine: Machine = new Machine(options.now, options.network.addresses)) {
    const { now, log } = options;
    this.#options = options;
    const files = new FileBudget(now);
    this.#ports = new PortAllocator(typeof options.addresses === 'object' ? options.addresses : undefined);
    this.#listeners = new ListenerManager(this.#ports, options.network, files);
    this.#shared = {
      options,
      machine,
      files,
      tarpit: new Tarpit(options.connectTimeoutMs),
      outOfFiles: new Throttle(1_000),
      flows: new FlowTable({
        limit: options.maxUdpFlows,
        idleMs: options.udpIdleMs,
        now,
        evicted: unreported => log({ event: 'flows-evicted', limit: options.maxUdpFlows, unreported }),
      }),
    };
  }

  apply(changes: readonly RouteChange[]): Promise<ApplyReport> {
    return this.#serial.run(() => this.#apply(changes));
  }

  observe(): Promise<readonly Listener[]> {
    return this.#serial.run(async () => [...this.#routes.values()].flatMap(served => served.observe()));
  }

  traffic(): readonly RouteTraffic[] {
    return [...this.#routes.values()].map(served => served.traffic());
  }

  close(options: { readonly drainMs: number }): Promise<void> {
    return this.#serial.run(() => this.#close(options.drainMs));
  }

  async #apply(changes: readonly RouteChange[]): Promise<ApplyReport> {
    if (this.#closed) return failedReport(changes, 'the userspace plane is closed');
    const context: PlaneApplyContext = {
      portOwners: this.#options.network.portOwners(),
      leaving: new Map(),
      retired: [],
      failures: new Map(),
    };
    try {
      // All ports are reserved before any is opened.
      for (const { served, fresh } of this.#prepare(changes, context)) await this.#open(served, fresh, context);
    } finally {
      for (const slot of context.leaving.values()) this.#listeners.release(slot);
      // Only now: until its listeners were closed or handed over, a route could still receive connections.
      for (const served of context.retired) this.#retire(served, this.#options.deleteGraceMs);
    }
    const outcomes = changes.map(change => {
      const { key } = change.route;
      const failure = context.failures.get(key);
      const served = this.#routes.get(key);
      const listeners = served?.listeners() ?? [];
      if (failure !== undefined) return { change, listeners, failure };
      return { change, listeners, incomplete: served?.incomplete ?? false };
    });
    return { outcomes };
  }

  /** Updates the plane's routes and reserves places for them. @returns the routes to open, with their new slots */
  #prepare(changes: readonly RouteChange[], context: PlaneApplyContext): Prepared[] {
    const sets = new Map<RouteKey, ProxiedRoute>();
    for (const { type, route } of changes) {
      sets.delete(route.key);
      if (type === 'delete' || route.kind !== 'proxied') this.#remove(route.key, context);
      else sets.set(route.key, route);
    }
    // By key, so that the winner of a contested port does not depend on the order of the input.
    const inOrder = [...sets.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    const placed = inOrder.flatMap(route => {
      try {
        const placement = this.#placement(route);
        const served = this.#admit(route);
        this.#adopt(served, placement, context);
        return [{ served, bindings: placement.bindings }];
      } catch (error) {
        context.failures.set(route.key, messageOf(error));
        if (!this.#routesOf.has(route.service)) this.#ports.releaseService(route.service);
        return [];
      }
    });
    return placed.map(({ served, bindings }) => ({ served, fresh: this.#reserve(served, bindings) }));
  }

  /** Reserves a place for each binding that has no slot yet. */
  #reserve(served: ServedRoute, bindings: readonly Binding[]): Set<ListenerSlot> {
    const fresh = new Set<ListenerSlot>();
    for (const binding of bindings) {
      if (served.slots.has(binding.id)) continue;
      const slot = this.#listeners.reserve(binding, served);
      served.slots.set(binding.id, slot);
      fresh.add(slot);
    }
    return fresh;
  }

  async #open(served: ServedRoute, fresh: ReadonlySet<ListenerSlot>, context: PlaneApplyContext): Promise<void> {
    for (const slot of served.slots.values()) {
      try {
        // A new listener is opened even if it is shut at once: to find out whether its port is available and report it.
        if (fresh.has(slot)) await this.#listeners.open(slot, served, context);
        if (served.refuses(slot.binding)) this.#listeners.shut(slot);
        else await this.#reopen(served, slot, context);
      } catch (error) {
        const failure = messageOf(error);
        this.#listeners.abandon(slot, failure);
        context.failures.set(served.route.key, failure);
      }
    }
  }

  #admit(route: ProxiedRoute): ServedRoute {
    const known = this.#routes.get(route.key);
    if (known !== undefined) {
      known.update(route);
      return known;
    }
    const served = new ServedRoute(route, this.#shared);
    this.#routes.set(route.key, served);
    this.#routesOf.set(route.service, (this.#routesOf.get(route.service) ?? 0) + 1);
    return served;
  }

  #remove(key: RouteKey, context: PlaneApplyContext): void {
    const served = this.#routes.get(key);
    if (served === undefined) return;
    this.#routes.delete(key);
    const left = (this.#routesOf.get(served.service) ?? 1) - 1;
    if (left > 0) this.#routesOf.set(served.service, left);
    else {
      this.#routesOf.delete(served.service);
      this.#ports.releaseService(served.service);
    }
    for (const slot of served.slots.values()) this.#leave(slot, context);
    served.slots.clear();
    context.retired.push(served);
  }

  #retire(served: ServedRoute, graceMs: number): void {
    this.#retiring.add(served);
    served.retire(graceMs, () => {
      this.#retiring.delete(served);
      if (this.#retiring.size === 0) this.#drained?.();
    });
  }

  #leave(slot: ListenerSlot, context: PlaneApplyContext): void {
    if (slot.place !== undefined && slot.open !== undefined) context.leaving.set(placeId(slot.place), slot);
    else this.#listeners.release(slot);
  }

  /** Where the route's frontends can listen. Changes nothing but the address book. @throws SWB_ADDRESS_EXHAUSTED */
  #placement(route: ProxiedRoute): RoutePlacement {
    if (route.protocol === 'SCTP') return { bindings: [], unplaced: route.frontends.map(unplacedSctp) };
    const bindings: Binding[] = [];
    const unplaced: Unplaced[] = [];
    const placed = placeFrontends(route, {
      addresses: this.#options.addresses,
      listen: this.#options.listen,
      has: address => this.#shared.machine.has(address),
      serviceAddress: service => this.#ports.serviceAddress(service),
    });
    for (const place of placed) {
      if ('id' in place) bindings.push(place);
      else unplaced.push(place);
    }
    return { bindings, unplaced };
  }

  /** Keeps the route's slots that the placement still asks for; the others leave. */
  #adopt(served: ServedRoute, { bindings, unplaced }: RoutePlacement, context: PlaneApplyContext): void {
    served.unplaced = unplaced;
    for (const [id, slot] of served.slots) {
      const binding = bindings.find(candidate => candidate.id === id);
      // A listener that failed is tried again; one whose kind of traffic changed is replaced.
      if (binding !== undefined && slot.failed === undefined && alike(slot.binding, binding)) {
        slot.binding = binding;
        continue;
      }
      served.slots.delete(id);
      this.#leave(slot, context);
    }
  }

  async #reopen(served: ServedRoute, slot: ListenerSlot, context: PlaneApplyContext): Promise<void> {
    const before = slot.place;
    await this.#listeners.reopen(slot, served, context);
    if (before === undefined || slot.place === before) return;
    this.#options.log({
      event: slot.place === undefined ? 'listener-failed' : 'listener-moved',
      route: served.route.key,
      address: before.address,
      port: before.port,
      reason: slot.failed ?? slot.moved ?? `${before.port} is in use`,
    });
  }

  async #close(drainMs: number): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const served of this.#routes.values()) {
      for (const slot of served.slots.values()) this.#listeners.release(slot);
      this.#retire(served, drainMs);
    }
    this.#routes.clear();
    this.#shared.tarpit.close();
    this.#shared.flows.close();
    if (this.#retiring.size === 0) return;
    const drained = new Promise<void>(resolve => {
      this.#drained = resolve;
    });
    // The grace period of routes that were deleted earlier ends here, too.
    const timer = setTimeout(() => {
      for (const served of this.#retiring) served.destroy();
    }, drainMs);
    await drained;
    clearTimeout(timer);
  }
}

/** Whether two bindings agree in what the sink of a port depends on; everything else may change under it. */
function alike(a: Binding, b: Binding): boolean {
  return a.entry === b.entry && a.ranged === b.ranged;
}

function unplacedSctp(frontend: ProxiedRoute['frontends'][number]): Unplaced {
  const address = frontend.kind === 'nodePort' ? undefined : frontend.address;
  return {
    frontend,
    address: address ?? '',
    port: frontend.port ?? 0,
    failed: 'the userspace plane does not support SCTP',
    mayPass: false,
  };
}
