import { messageOf, SwitchboardError } from '../../errors.ts';
import { IP_FAMILIES, type IpFamily } from '../../kube/protocol.ts';
import type { ProxiedRoute, RouteChange, RouteKey } from '../../routing/index.ts';
import { Conntrack } from '../../system/index.ts';
import { failedReport } from '../outcomes.ts';
import type { ApplyReport, Listener, Plane, RouteTraffic } from '../plane.ts';
import { AdmittedRoutes } from './admitted-routes.ts';
import { compareRules, compareSets, noTable } from './audit.ts';
import { culprits } from './culprits.ts';
import { inSlices, type Sliced } from './in-slices.ts';
import { elementsFound, Kernel, type Tables } from './kernel.ts';
import { Ledger, type Plan } from './ledger.ts';
import { listenerOf } from './listeners.ts';
import type { Nft } from './nft/nft.ts';
import { idsIn, seedFrom } from './seed.ts';
import type { Settings } from './settings.ts';
import { endStaleFlows } from './stale-flows.ts';
import { compareViews, type Difference, type TableView, viewOfElements, viewOfRoutes } from './view.ts';

/** Services in the kernel's own tables: packets never meet this process. */
export class NftablesPlane implements Plane {
  readonly name = 'nftables';
  readonly #settings: Settings;
  readonly #kernel: Kernel;
  readonly #routes: AdmittedRoutes;
  readonly #ledger: Ledger;
  readonly #conntrack: Conntrack | undefined;
  /** The kernel would not take the route as it is; why. */
  readonly #refused = new Map<RouteKey, string>();
  /** What the kernel has of an earlier run, until the first batch. */
  #found: Tables | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @throws NetlinkError */
  constructor(settings: Settings, nft: Nft) {
    this.#settings = settings;
    this.#kernel = new Kernel(settings, nft);
    this.#routes = new AdmittedRoutes({ nodeAddresses: settings.nodeAddresses, assign: settings.assignCidrs });
    this.#ledger = new Ledger(settings, route => this.#routes.frontendsOf(route.key));
    this.#conntrack = this.#openConntrack();
    if (settings.watchMs > 0) {
      this.#timer = setInterval(() => this.#look(), settings.watchMs);
      this.#timer.unref();
    }
  }

  /**
   * The first call holds all routes there are: what the kernel has of an earlier run is compared with them, and only
   * the difference is written. Every call is one transaction over both families, so all changes fail together. A route
   * that the kernel refuses for its content is left out; its listeners say why, and a retry would not help.
   */
  apply(changes: readonly RouteChange[]): Promise<ApplyReport> {
    return this.#inTurn(() => this.#apply(changes));
  }

  /** The transaction that `apply` would make, as text; nothing is changed. */
  dryRun(changes: readonly RouteChange[]): Promise<string> {
    return this.#inTurn(async () => {
      this.#routes.admit(changes);
      const found = this.#found ?? (await this.#kernel.read());
      return this.#kernel.text(this.#plan(changes, found).edits, found);
    });
  }

  observe(): Promise<readonly Listener[]> {
    return this.#inTurn(async () => {
      const tables = await this.#kernel.read();
      const views = {
        IPv4: await inSlices(viewOfElements(elementsFound(tables.IPv4))),
        IPv6: await inSlices(viewOfElements(elementsFound(tables.IPv6))),
      };
      return await inSlices(this.#listenersIn(views));
    });
  }

  /**
   * What differs between the kernel and the routes; empty: nothing.
   *
   * @param expected routes to expect beside those that were applied; for one who looks and applies nothing
   */
  verify(expected: readonly RouteChange[] = []): Promise<readonly Difference[]> {
    return this.#inTurn(async () => {
      this.#routes.admit(expected);
      const IPv4 = await this.#compare('IPv4');
      return [...IPv4, ...(await this.#compare('IPv6'))];
    });
  }

  /** The kernel counts nothing for us: counters would cost every packet. */
  traffic(): readonly RouteTraffic[] {
    return [];
  }

  /** Ends this process' part; the rules stay, and traffic goes on. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#closed) return;
      this.#closed = true;
      clearInterval(this.#timer);
      this.#kernel.close();
      this.#conntrack?.close();
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    // The queue keeps no result: a report tells of every listener of its batch.
    this.#queue = result.then(
      () => {},
      () => {},
    );
    return result;
  }

  async #apply(changes: readonly RouteChange[]): Promise<ApplyReport> {
    const listenersOf = ({ route }: RouteChange) => this.#listenersOf(route.key);
    if (this.#closed) return failedReport(changes, 'the nftables plane is closed');
    let undo = () => {};
    let plan: Plan;
    try {
      undo = this.#routes.admit(changes);
      const found = this.#ledger.started ? undefined : (this.#found ?? (await this.#kernel.read()));
      plan = await this.#commit(changes, found);
    } catch (error) {
      undo();
      return failedReport(changes, error, listenersOf);
    }
    await this.#endStaleFlows(plan);
    const outcomes = changes.map(change => {
      const isGone = change.type === 'delete' || change.route.kind !== 'proxied';
      const failure = isGone ? this.#refused.get(change.route.key) : undefined;
      if (isGone && failure === undefined) this.#forget(change.route.key);
      return { change, listeners: listenersOf(change), ...(failure === undefined ? {} : { failure }) };
    });
    return { outcomes };
  }

  /** Writes a batch; what the kernel does not take is left out and told. */
  async #commit(changes: readonly RouteChange[], found: Tables | undefined): Promise<Plan> {
    const plan = this.#plan(changes, found);
    const refusal = await this.#kernel.write(plan.edits, found);
    if (refusal === undefined) return this.#committed(plan, changes, new Map());
    // Most likely somebody else has changed the table, or the kernel's answer to a batch that it took was lost: the
    // table is repaired first, and the batch retried.
    if (found === undefined) await this.#repair({ evenIfOurs: true });
    const again = found === undefined ? undefined : await this.#kernel.read();
    const second = this.#plan(changes, again);
    const refusedAgain = await this.#kernel.write(second.edits, again);
    if (refusedAgain === undefined) return this.#committed(second, changes, new Map());
    const bad = await culprits(changes, part => this.#kernel.refusal(this.#plan(part, again).edits, again));
    const rest = this.#plan(
      changes.filter(change => !bad.has(change)),
      again,
    );
    const last = bad.size === 0 ? refusedAgain : await this.#kernel.write(rest.edits, again);
    if (last !== undefined) throw new SwitchboardError('SWB_NFT_FAILED', `nftables refused the rules: ${last}`);
    return this.#committed(rest, changes, bad);
  }

  #committed(plan: Plan, changes: readonly RouteChange[], bad: ReadonlyMap<RouteChange, string>): Plan {
    plan.commit();
    this.#found = undefined;
    for (const change of changes) {
      const reason = bad.get(change);
      if (reason === undefined) this.#refused.delete(change.route.key);
      else {
        this.#refused.set(change.route.key, reason);
        this.#settings.log({ event: 'route-refused', route: change.route.key, reason });
      }
    }
    return plan;
  }

  #plan(changes: readonly RouteChange[], found: Tables | undefined): Plan {
    if (found === undefined) return this.#ledger.plan(changes);
    const tables = { IPv4: elementsFound(found.IPv4), IPv6: elementsFound(found.IPv6) };
    for (const family of IP_FAMILIES) this.#ledger.takeIds(idsIn(tables[family]));
    const seed = (route: ProxiedRoute) => seedFrom(tables[route.family], route, this.#routes.frontendsOf(route.key));
    return this.#ledger.plan(changes, seed, tables);
  }

  #look(): void {
    if (this.#closed || !this.#ledger.started || !this.#kernel.foreign()) return;
    void this.#inTurn(() => this.#repair()).catch(error =>
      this.#settings.log({ event: 'repair-failed', reason: messageOf(error) }),
    );
  }

  /** Makes the tables what they should be, whatever was done to them. */
  async #repair({ evenIfOurs = false } = {}): Promise<void> {
    const foreign = this.#kernel.foreign();
    if (this.#closed || !(foreign || evenIfOurs)) return;
    const tables = await this.#kernel.read();
    const edits = {
      IPv4: this.#ledger.repair('IPv4', elementsFound(tables.IPv4)),
      IPv6: this.#ledger.repair('IPv6', elementsFound(tables.IPv6)),
    };
    const refusal = await this.#kernel.write(edits, tables);
    if (refusal !== undefined) {
      throw new SwitchboardError('SWB_NFT_FAILED', `the tables cannot be repaired: ${refusal}`);
    }
    this.#kernel.settled();
    for (const family of IP_FAMILIES) {
      if (!foreign && edits[family].size === 0) continue;
      this.#settings.log({ event: 'repaired', family, differences: edits[family].size });
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
      ...(await inSlices(compareSets(family, routes, frontendsOf, found, this.#settings))),
      ...compareRules(this.#kernel.skeletons[family], found, await this.#kernel.ruleCounts(family), this.#settings),
    ];
  }

  #forget(key: RouteKey): void {
    this.#routes.forget(key);
    this.#refused.delete(key);
  }

  #listenersOf(key: RouteKey): Listener[] {
    const route = this.#routes.get(key);
    return route === undefined ? [] : this.#listeners(route, undefined);
  }

  #listeners(route: ProxiedRoute, view: Parameters<typeof listenerOf>[2]): Listener[] {
    const refused = this.#refused.get(route.key);
    return this.#routes
      .placementsOf(route.key)
      .map(placement => listenerOf(route, placement, view, refused, this.#settings));
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
      this.#settings.log({ event: 'flows-kept', reason: messageOf(error) });
      return undefined;
    }
  }

  async #endStaleFlows(plan: Plan): Promise<void> {
    if (this.#conntrack === undefined) return;
    try {
      await endStaleFlows(this.#conntrack, plan.programmes, this.#settings.nodeAddresses);
    } catch (error) {
      this.#settings.log({ event: 'flows-kept', reason: messageOf(error) });
    }
  }
}
