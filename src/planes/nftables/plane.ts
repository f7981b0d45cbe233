import { messageOf, SwitchboardError } from '../../errors.ts';
import { IP_FAMILIES, type IpFamily } from '../../net/index.ts';
import type { ProxiedRoute, RouteChange, RouteKey } from '../../routing/index.ts';
import { Serial } from '../../scheduling/index.ts';
import { Conntrack } from '../../system/index.ts';
import { failedReport } from '../outcomes.ts';
import type { ApplyReport, Listener, Plane, RouteTraffic } from '../plane.ts';
import { AdmittedRoutes } from './admitted-routes.ts';
import { compareRules, compareSets, noTable } from './audit.ts';
import { bisect } from './bisect.ts';
import { inSlices, type Sliced } from './in-slices.ts';
import { elementsFound, Kernel, type Tables } from './kernel.ts';
import { listenerOf } from './listeners.ts';
import type { Nft } from './nft/nft.ts';
import type { ResolvedOptions } from './options.ts';
import { type Plan, ProgrammedState } from './programmed-state.ts';
import { idsIn, seedFrom } from './seed.ts';
import { endStaleFlows } from './stale-flows.ts';
import { compareViews, type Difference, type TableView, viewOfElements, viewOfRoutes } from './view.ts';

/** Programs Services into nftables tables of the kernel; packets do not pass through this process. */
export class NftablesPlane implements Plane {
  readonly name = 'nftables';
  readonly #options: ResolvedOptions;
  readonly #kernel: Kernel;
  readonly #routes: AdmittedRoutes;
  readonly #state: ProgrammedState;
  readonly #conntrack: Conntrack | undefined;
  /** Routes that the kernel rejected, with the reason. */
  readonly #rejected = new Map<RouteKey, string>();
  /** The tables that an earlier run has left, until the first batch. */
  #found: Tables | undefined;
  readonly #serial = new Serial();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @throws NetlinkError */
  constructor(options: ResolvedOptions, nft: Nft) {
    this.#options = options;
    this.#kernel = new Kernel(options, nft);
    this.#routes = new AdmittedRoutes({ nodeAddresses: options.nodeAddresses, assign: options.assignCidrs });
    this.#state = new ProgrammedState(options, route => this.#routes.frontendsOf(route.key));
    this.#conntrack = this.#openConntrack();
    if (options.watchMs > 0) {
      this.#timer = setInterval(() => this.#checkForEdits(), options.watchMs);
      this.#timer.unref();
    }
  }

  /**
   * The first call contains all routes: the tables of an earlier run are compared with them, and only the difference is
   * written. Every call is one transaction over both families, so all changes fail together. A route that the kernel
   * rejects for its content is left out; its listeners carry the reason, and a retry would not help.
   */
  apply(changes: readonly RouteChange[]): Promise<ApplyReport> {
    return this.#serial.run(() => this.#apply(changes));
  }

  /** The transaction that `apply` would send to the kernel, as text. */
  dryRun(changes: readonly RouteChange[]): Promise<string> {
    return this.#serial.run(async () => {
      this.#routes.admit(changes);
      const found = this.#found ?? (await this.#kernel.read());
      return this.#kernel.text(this.#plan(changes, found).deltas, found);
    });
  }

  observe(): Promise<readonly Listener[]> {
    return this.#serial.run(async () => {
      const tables = await this.#kernel.read();
      const views = {
        IPv4: await inSlices(viewOfElements(elementsFound(tables.IPv4))),
        IPv6: await inSlices(viewOfElements(elementsFound(tables.IPv6))),
      };
      return await inSlices(this.#listenersIn(views));
    });
  }

  /**
   * The differences between the kernel and the routes.
   *
   * @param expected routes to expect in addition to those that were applied, for a plane that only verifies
   */
  verify(expected: readonly RouteChange[] = []): Promise<readonly Difference[]> {
    return this.#serial.run(async () => {
      this.#routes.admit(expected);
      const IPv4 = await this.#compare('IPv4');
      return [...IPv4, ...(await this.#compare('IPv6'))];
    });
  }

  /** Always empty: the tables have no counters, which would cost every packet. */
  traffic(): readonly RouteTraffic[] {
    return [];
  }

  /** Closes the plane's sockets; the rules stay in the kernel, and traffic continues. */
  close(): Promise<void> {
    return this.#serial.run(async () => {
      if (this.#closed) return;
      this.#closed = true;
      clearInterval(this.#timer);
      this.#kernel.close();
      this.#conntrack?.close();
    });
  }

  async #apply(changes: readonly RouteChange[]): Promise<ApplyReport> {
    const listenersOf = ({ route }: RouteChange) => this.#listenersOf(route.key);
    if (this.#closed) return failedReport(changes, 'the nftables plane is closed');
    let undo = () => {};
    let plan: Plan;
    try {
      undo = this.#routes.admit(changes);
      const found = this.#state.started ? undefined : (this.#found ?? (await this.#kernel.read()));
      plan = await this.#commit(changes, found);
    } catch (error) {
      undo();
      return failedReport(changes, error, listenersOf);
    }
    await this.#endStaleFlows(plan);
    const outcomes = changes.map(change => {
      const isGone = change.type === 'delete' || change.route.kind !== 'proxied';
      const failure = isGone ? this.#rejected.get(change.route.key) : undefined;
      if (isGone && failure === undefined) this.#forget(change.route.key);
      return { change, listeners: listenersOf(change), ...(failure === undefined ? {} : { failure }) };
    });
    return { outcomes };
  }

  /** Writes a batch without the routes that the kernel rejects. */
  async #commit(changes: readonly RouteChange[], found: Tables | undefined): Promise<Plan> {
    const plan = this.#plan(changes, found);
    const error = await this.#kernel.write(plan.deltas, found);
    if (error === undefined) return this.#committed(plan, changes, new Map());
    // Most likely another program has changed the table, or the kernel's answer to a batch that it accepted was lost.
    // Repair the table, then retry the batch.
    if (found === undefined) await this.#repair({ always: true });
    const again = found === undefined ? undefined : await this.#kernel.read();
    const second = this.#plan(changes, again);
    const secondError = await this.#kernel.write(second.deltas, again);
    if (secondError === undefined) return this.#committed(second, changes, new Map());
    const bad = await bisect(changes, part => this.#kernel.check(this.#plan(part, again).deltas, again));
    const rest = this.#plan(
      changes.filter(change => !bad.has(change)),
      again,
    );
    const lastError = bad.size === 0 ? secondError : await this.#kernel.write(rest.deltas, again);
    if (lastError !== undefined) {
      throw new SwitchboardError('SWB_NFT_FAILED', `nftables rejected the rules: ${lastError}`);
    }
    return this.#committed(rest, changes, bad);
  }

  #committed(plan: Plan, changes: readonly RouteChange[], bad: ReadonlyMap<RouteChange, string>): Plan {
    plan.commit();
    this.#found = undefined;
    for (const change of changes) {
      const reason = bad.get(change);
      if (reason === undefined) this.#rejected.delete(change.route.key);
      else {
        this.#rejected.set(change.route.key, reason);
        this.#options.log({ event: 'route-rejected', route: change.route.key, reason });
      }
    }
    return plan;
  }

  #plan(changes: readonly RouteChange[], found: Tables | undefined): Plan {
    if (found === undefined) return this.#state.plan(changes);
    const tables = { IPv4: elementsFound(found.IPv4), IPv6: elementsFound(found.IPv6) };
    for (const family of IP_FAMILIES) this.#state.takeIds(idsIn(tables[family]));
    const seed = (route: ProxiedRoute) => seedFrom(tables[route.family], route, this.#routes.frontendsOf(route.key));
    return this.#state.plan(changes, seed, tables);
  }

  #checkForEdits(): void {
    if (this.#closed || !this.#state.started || !this.#kernel.changedByOthers()) return;
    void this.#serial
      .run(() => this.#repair())
      .catch(error => this.#options.log({ event: 'repair-failed', reason: messageOf(error) }));
  }

  /** Restores the expected state of the tables, whatever another program has done to them. */
  async #repair({ always = false } = {}): Promise<void> {
    const changedByOthers = this.#kernel.changedByOthers();
    if (this.#closed || !(changedByOthers || always)) return;
    const tables = await this.#kernel.read();
    const deltas = {
      IPv4: this.#state.repair('IPv4', elementsFound(tables.IPv4)),
      IPv6: this.#state.repair('IPv6', elementsFound(tables.IPv6)),
    };
    const error = await this.#kernel.write(deltas, tables);
    if (error !== undefined) {
      throw new SwitchboardError('SWB_NFT_FAILED', `the tables cannot be repaired: ${error}`);
    }
    this.#kernel.acknowledge();
    for (const family of IP_FAMILIES) {
      if (!changedByOthers && deltas[family].size === 0) continue;
      this.#options.log({ event: 'repaired', family, differences: deltas[family].size });
    }
  }

  async #compare(family: IpFamily): Promise<Difference[]> {
    const frontendsOf = (route: ProxiedRoute) => this.#routes.frontendsOf(route.key);
    const found = await this.#kernel.readFamily(family);
    const routes = [...this.#routes.all()].filter(route => route.family === family);
    if (typeof found === 'string') return routes.length === 0 ? [] : [noTable(family, found)];
    const { view, owners } = await inSlices(viewOfRoutes(family, routes, frontendsOf));
    const foundView = await inSlices(viewOfElements(found));
    return [
      ...(await inSlices(compareViews(family, view, foundView, owners))),
      ...(await inSlices(compareSets(family, routes, frontendsOf, found, this.#options))),
      ...compareRules(this.#kernel.skeletons[family], found, await this.#kernel.ruleCounts(family), this.#options),
    ];
  }

  #forget(key: RouteKey): void {
    this.#routes.forget(key);
    this.#rejected.delete(key);
  }

  #listenersOf(key: RouteKey): Listener[] {
    const route = this.#routes.get(key);
    return route === undefined ? [] : this.#listeners(route, undefined);
  }

  #listeners(route: ProxiedRoute, view: Parameters<typeof listenerOf>[2]): Listener[] {
    const rejected = this.#rejected.get(route.key);
    return this.#routes
      .placementsOf(route.key)
      .map(placement => listenerOf(route, placement, view, rejected, this.#options));
  }

  *#listenersIn(views: Readonly<Record<IpFamily, TableView>>): Sliced<Listener[]> {
    const listeners: Listener[] = [];
    for (const route of this.#routes.all()) {
      yield;
      for (const listener of this.#listeners(route, views[route.family])) listeners.push(listener);
    }
    return listeners;
  }

  #openConntrack(): Conntrack | undefined {
    try {
      return new Conntrack();
    } catch (error) {
      this.#options.log({ event: 'flows-kept', reason: messageOf(error) });
      return undefined;
    }
  }

  async #endStaleFlows(plan: Plan): Promise<void> {
    if (this.#conntrack === undefined) return;
    try {
      await endStaleFlows(this.#conntrack, plan.programs, this.#options.nodeAddresses);
    } catch (error) {
      this.#options.log({ event: 'flows-kept', reason: messageOf(error) });
    }
  }
}
