import { messageOf } from '../../errors.ts';
import type { ProxiedRoute, RouteChange, RouteKey } from '../../routing/index.ts';
import { Machine, PortOwners } from '../../system/index.ts';
import { failedReport } from '../outcomes.ts';
import type { ApplyReport, Listener, Plane, RouteTraffic } from '../plane.ts';
import { AddressBook, placeId } from './address-book.ts';
import { FileBudget } from './file-budget.ts';
import { FlowTable } from './flow-table.ts';
import { HeldClients } from './held-clients.ts';
import { type Binding, placeFrontends, type Unplaced } from './placement.ts';
import { PortKeeper, type Round as PortRound } from './port-keeper.ts';
import { ServedRoute, type Shared } from './served-route.ts';
import type { Settings } from './settings.ts';
import type { Slot } from './slot.ts';
import { Throttle } from './throttle.ts';

/** One call of apply. */
interface Round extends PortRound {
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
  readonly fresh: ReadonlySet<Slot>;
}

/** Services on this machine's own sockets: no rights, no kernel modules, any system. */
export class UserspacePlane implements Plane {
  readonly name = 'userspace';
  readonly #settings: Settings;
  readonly #shared: Shared;
  readonly #book = new AddressBook();
  readonly #keeper = new PortKeeper(this.#book);
  readonly #routes = new Map<RouteKey, ServedRoute>();
  /** How many routes of a Service there are; its address is its own until the last one goes. */
  readonly #routesOf = new Map<string, number>();
  /** Deleted, with connections that may still go on. */
  readonly #retiring = new Set<ServedRoute>();
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** Called when the last retiring route is gone. */
  #drained: (() => void) | undefined;

  constructor(settings: Settings, machine: Machine = new Machine(settings.now)) {
    const { now, log } = settings;
    this.#settings = settings;
    this.#shared = {
      settings,
      machine,
      files: new FileBudget(now),
      held: new HeldClients(settings.connectTimeoutMs),
      outOfFiles: new Throttle(1_000),
      flows: new FlowTable({
        limit: settings.maxUdpFlows,
        idleMs: settings.udpIdleMs,
        now,
        evicted: unreported => log({ event: 'flows-evicted', limit: settings.maxUdpFlows, unreported }),
      }),
    };
  }

  apply(changes: readonly RouteChange[]): Promise<ApplyReport> {
    return this.#inTurn(() => this.#apply(changes));
  }

  observe(): Promise<readonly Listener[]> {
    return this.#inTurn(async () => [...this.#routes.values()].flatMap(served => served.observe()));
  }

  traffic(): readonly RouteTraffic[] {
    return [...this.#routes.values()].map(served => served.traffic());
  }

  close(options: { readonly drainMs: number }): Promise<void> {
    return this.#inTurn(() => this.#close(options.drainMs));
  }

  /** What is asked for while something else is under way waits for it, whether that succeeds or not. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => {});
    return result;
  }

  async #apply(changes: readonly RouteChange[]): Promise<ApplyReport> {
    if (this.#closed) return failedReport(changes, 'the userspace plane is closed');
    const round: Round = { owners: new PortOwners(), leaving: new Map(), retired: [], failures: new Map() };
    try {
      // All places are reserved first; only then is anything opened.
      for (const { served, fresh } of this.#prepare(changes, round)) await this.#open(served, fresh, round);
    } finally {
      for (const slot of round.leaving.values()) this.#keeper.release(slot);
      // Only now: until its ports are closed or handed over, a route may still have been given connections.
      for (const served of round.retired) this.#retire(served, this.#settings.deleteGraceMs);
    }
    const outcomes = changes.map(change => {
      const { key } = change.route;
      const failure = round.failures.get(key);
      const listeners = this.#routes.get(key)?.listeners() ?? [];
      return { change, listeners, ...(failure === undefined ? {} : { failure }) };
    });
    return { outcomes };
  }

  /** Updates the plane's routes and reserves places for them. @returns the routes to open, with their new slots */
  #prepare(changes: readonly RouteChange[], round: Round): Prepared[] {
    const sets = new Map<RouteKey, ProxiedRoute>();
    for (const { type, route } of changes) {
      sets.delete(route.key);
      if (type === 'delete' || route.kind !== 'proxied') this.#remove(route.key, round);
      else sets.set(route.key, route);
    }
    // By key, so that who gets a port that two routes want does not depend on the order in which they were read.
    const inOrder = [...sets.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    const placed = inOrder.flatMap(route => {
      try {
        const placement = this.#placement(route);
        const served = this.#admit(route);
        this.#adopt(served, placement, round);
        return [{ served, bindings: placement.bindings }];
      } catch (error) {
        round.failures.set(route.key, messageOf(error));
        if (!this.#routesOf.has(route.service)) this.#book.releaseService(route.service);
        return [];
      }
    });
    return placed.map(({ served, bindings }) => ({ served, fresh: this.#reserve(served, bindings) }));
  }

  /** Reserves a place for each binding that has no slot yet. */
  #reserve(served: ServedRoute, bindings: readonly Binding[]): Set<Slot> {
    const fresh = new Set<Slot>();
    for (const binding of bindings) {
      if (served.slots.has(binding.id)) continue;
      const slot = this.#keeper.reserve(binding, served);
      served.slots.set(binding.id, slot);
      fresh.add(slot);
    }
    return fresh;
  }

  async #open(served: ServedRoute, fresh: ReadonlySet<Slot>, round: Round): Promise<void> {
    for (const slot of served.slots.values()) {
      try {
        // A fresh one is opened even if it is shut at once: to know whether the place can be had, and to say where it is.
        if (fresh.has(slot)) await this.#keeper.open(slot, served, round);
        if (served.refuses(slot.binding)) this.#keeper.shut(slot);
        else await this.#reopen(served, slot, round);
      } catch (error) {
        const failure = messageOf(error);
        this.#keeper.abandon(slot, failure);
        round.failures.set(served.route.key, failure);
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

  #remove(key: RouteKey, round: Round): void {
    const served = this.#routes.get(key);
    if (served === undefined) return;
    this.#routes.delete(key);
    const left = (this.#routesOf.get(served.service) ?? 1) - 1;
    if (left > 0) this.#routesOf.set(served.service, left);
    else {
      this.#routesOf.delete(served.service);
      this.#book.releaseService(served.service);
    }
    for (const slot of served.slots.values()) this.#leave(slot, round);
    served.slots.clear();
    round.retired.push(served);
  }

  #retire(served: ServedRoute, graceMs: number): void {
    this.#retiring.add(served);
    served.retire(graceMs, () => {
      this.#retiring.delete(served);
      if (this.#retiring.size === 0) this.#drained?.();
    });
  }

  #leave(slot: Slot, round: Round): void {
    if (slot.place !== undefined && slot.open !== undefined) round.leaving.set(placeId(slot.place), slot);
    else this.#keeper.release(slot);
  }

  /** Where the route's frontends can listen. Changes nothing but the address book. @throws SWB_ADDRESS_EXHAUSTED */
  #placement(route: ProxiedRoute): RoutePlacement {
    if (route.protocol === 'SCTP') return { bindings: [], unplaced: route.frontends.map(unplacedSctp) };
    const bindings: Binding[] = [];
    const unplaced: Unplaced[] = [];
    const placed = placeFrontends(route, {
      addresses: this.#settings.addresses,
      listen: this.#settings.listen,
      has: address => this.#shared.machine.has(address),
      serviceAddress: service => this.#book.serviceAddress(service),
    });
    for (const place of placed) {
      if ('id' in place) bindings.push(place);
      else unplaced.push(place);
    }
    return { bindings, unplaced };
  }

  /** Keeps the route's slots that the placement still asks for; the others leave. */
  #adopt(served: ServedRoute, { bindings, unplaced }: RoutePlacement, round: Round): void {
    served.unplaced = unplaced;
    for (const [id, slot] of served.slots) {
      const binding = bindings.find(candidate => candidate.id === id);
      // One that failed is tried anew; so is one that no longer serves the same sort of client.
      if (binding !== undefined && slot.failed === undefined && alike(slot.binding, binding)) {
        slot.binding = binding;
        continue;
      }
      served.slots.delete(id);
      this.#leave(slot, round);
    }
  }

  async #reopen(served: ServedRoute, slot: Slot, round: Round): Promise<void> {
    const before = slot.place;
    await this.#keeper.reopen(slot, served, round);
    if (before === undefined || slot.place === before) return;
    this.#settings.log({
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
      for (const slot of served.slots.values()) this.#keeper.release(slot);
      this.#retire(served, drainMs);
    }
    this.#routes.clear();
    this.#shared.held.close();
    this.#shared.flows.close();
    if (this.#retiring.size === 0) return;
    const drained = new Promise<void>(resolve => {
      this.#drained = resolve;
    });
    // Routes that were deleted before have a grace of their own, which ends here too.
    const timer = setTimeout(() => {
      for (const served of this.#retiring) served.destroy();
    }, drainMs);
    await drained;
    clearTimeout(timer);
  }
}

/** What a port's sink has taken from its binding; everything else may change under it. */
function alike(a: Binding, b: Binding): boolean {
  return a.entry === b.entry && a.ranged === b.ranged;
}

function unplacedSctp(frontend: ProxiedRoute['frontends'][number]): Unplaced {
  const address = frontend.kind === 'nodePort' ? undefined : frontend.address;
  return {
    frontend,
    address: address ?? '',
    port: frontend.port ?? 0,
    failed: 'SCTP is not carried by the userspace plane',
  };
}
