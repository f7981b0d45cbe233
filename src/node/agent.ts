/**
 * Wires the node agent together: cluster -> world -> routes -> nftables, with health and metrics. Decides the order of
 * startup and shutdown, behaviour on failure, and logging.
 *
 * @module
 */

import type { Server } from 'node:http';
import { type Dns, type ForwardMetrics, registerDnsMetrics } from '../dns/index.ts';
import type { Kind, Node, ObjectEvent } from '../kube/index.ts';
import { type Cidr, IP_FAMILIES, type SocketAddress } from '../net/index.ts';
import { type Applied, ChangeQueue, type Plane } from '../planes/index.ts';
import type { NftablesEvent, NftablesOptions } from '../planes/nftables/index.ts';
import { type NodeContext, nodePortAddressesOf, type RouteChange, RouteTable } from '../routing/index.ts';
import { type ClusterOptions, type ClusterSource, KINDS_OF_FEATURE } from '../sources/cluster/index.ts';
import { noticeText, type SourceUpdate } from '../sources/source.ts';
import { unlessAborted } from '../system/index.ts';
import { type ObjectStore, World } from '../world/index.ts';
import { type Arrival, arrivalsOf } from './arrivals.ts';
import type { NodeConfig } from './config.ts';
import type { HealthState } from './health.ts';
import { addressesOf, contextOf, identityOf, localTrafficOf } from './identity.ts';
import { type Log, logClusterEvent } from './log.ts';
import { Metrics } from './metrics.ts';
import { Progress } from './progress.ts';
import { RouteUpdates } from './route-updates.ts';
import { serveNode } from './servers.ts';
import { ServiceHealth } from './service-health.ts';

export interface NodeDns {
  readonly open: (store: ObjectStore) => Dns;
  readonly places: readonly SocketAddress[];
  /** Kinds to read in addition to those that routes need. */
  readonly kinds: readonly Kind[];
  /** Called when DNS listens. */
  readonly listening: () => void;
  /** Metrics of forwarded queries; undefined: nothing is forwarded. */
  readonly forwarded?: () => ForwardMetrics;
}

/** What the agent needs of a cluster source. */
export type AgentSource = Pick<ClusterSource, 'server' | 'load' | 'watch' | 'close'>;

export interface AgentOptions {
  readonly config: NodeConfig;
  readonly nodeName: string;
  readonly log: Log;
  readonly openSource: (options: ClusterOptions) => Promise<AgentSource>;
  readonly openPlane: (options: NftablesOptions) => Promise<Plane>;
  readonly force: boolean;
  /**
   * Changes settings of the host. Called once, before the first rules are written, when nothing is left that could keep
   * the agent from starting: the configuration is valid, and the cluster and the kernel can be used.
   */
  readonly prepareHost: () => void;
  /** Also answers DNS for the names of Services on this node. */
  readonly dns?: NodeDns;
  /** Called when the node's identity (its addresses) has changed: the agent has to be restarted. */
  readonly onOutdated: (why: string) => void;
}

/** The delay before changes that failed are retried for the first time. */
const RETRY_MS = 5_000;

export class NodeAgent {
  readonly #options: AgentOptions;
  readonly #progress = new Progress();
  readonly #metrics: Metrics;
  readonly #servers: Server[] = [];
  readonly #world = new World();
  readonly #table: RouteTable;
  readonly #updates: RouteUpdates;
  readonly #dns: Dns | undefined;
  #context: NodeContext = {};
  #node: Node | undefined;
  #identity = '';
  #source: AgentSource | undefined;
  #plane: Plane | undefined;
  #queue: ChangeQueue | undefined;
  #serviceHealth: ServiceHealth | undefined;
  readonly #closing = new AbortController();
  #starting: Promise<void> | undefined;
  #ended: Promise<void> | undefined;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#table = new RouteTable(this.#world.store);
    this.#updates = new RouteUpdates(this.#table, options.config.minSyncPeriodMs, (...all) => this.#program(...all));
    const dns = options.dns?.open(this.#world.store);
    if (dns !== undefined) this.#world.subscribe('dns', (events, touched) => dns.update(events, touched));
    this.#dns = dns;
    this.#metrics = new Metrics(this.#progress, () => this.#table.routes());
    if (this.#dns !== undefined) registerDnsMetrics(this.#metrics.registry, this.#dns, options.dns?.forwarded);
  }

  /**
   * Reads the kubeconfig, serves health, waits for the first full list, programs the kernel from it, and then follows
   * the cluster. Resolves early if `close` is called.
   *
   * @throws SWB_LISTEN_FAILED with bindAddressHardFail; SWB_KUBECONFIG; what `createNftablesPlane` throws
   */
  start(): Promise<void> {
    const { signal } = this.#closing;
    this.#starting = this.#start(signal).catch(error => {
      if (!signal.aborted || error !== signal.reason) throw error;
    });
    return this.#starting;
  }

  async #start(signal: AbortSignal): Promise<void> {
    const { config, log, nodeName } = this.#options;
    for (const warning of config.warnings) log.warn({}, warning);
    const source = await this.#openSource(signal);
    const state: HealthState = { progress: this.#progress, node: () => this.#node };
    for await (const server of serveNode(config, state, this.#metrics, text => log.error({}, text))) {
      this.#servers.push(server);
    }
    signal.throwIfAborted();
    const { dns } = this.#options;
    if (dns !== undefined) {
      // Until the first list has arrived, DNS answers SERVFAIL: no name may seem to be missing.
      await this.#dns?.listen(dns.places);
      dns.listening();
      log.info({ places: dns.places }, 'answering DNS');
    }
    signal.throwIfAborted();
    log.info({ server: source.server, node: nodeName }, 'waiting for the first full list');
    const first = await unlessAborted(signal, source.load());
    this.#logNotices(first);
    this.#node = first.events.flatMap(e => (e.type === 'set' && e.object.kind === 'Node' ? [e.object] : []))[0];
    if (this.#node === undefined) {
      log.warn(
        { node: nodeName },
        'the cluster has no Node of this name, so no endpoint is local; set the name with --hostname-override',
      );
    }
    this.#context = contextOf(nodeName, this.#node);
    this.#table.setNode(this.#context);
    const arrivals = arrivalsOf(first.events, this.#world.store);
    const changes = this.#table.update(this.#world.apply(first.events));
    this.#identity = identityOf(config, this.#node, this.#serviceCidrs());
    const plane = await this.#openPlane();
    this.#plane = plane;
    signal.throwIfAborted();
    this.#options.prepareHost();
    const queue = new ChangeQueue(plane, {
      minIntervalMs: config.minSyncPeriodMs,
      retryMs: RETRY_MS,
      onApplied: applied => this.#applied(applied),
      onFailed: (reason, failed) => {
        this.#metrics.failed();
        log.error({ changes: failed.length, error: reason }, 'the kernel rejected these changes; retrying');
      },
    });
    this.#queue = queue;
    this.#program(arrivals, changes);
    // Rules that an earlier run has left have to be removed even if there is no Service.
    if (changes.length === 0) queue.reconcile();
    await queue.idle();
    signal.throwIfAborted();
    if (this.#progress.started) log.info({ routes: changes.length }, 'the kernel is up to date');
    source.watch(update => this.#take(update));
  }

  /** Whether the rules of this agent are in the kernel. */
  get hasProgrammed(): boolean {
    return this.#progress.started;
  }

  /** Waits for a start in progress, then closes quickly. The rules stay in the kernel, and traffic continues. */
  close(): Promise<void> {
    this.#ended ??= this.#close();
    return this.#ended;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await this.#starting?.catch(() => undefined);
    this.#updates.close();
    this.#serviceHealth?.close();
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
    await this.#dns?.close();
    await this.#source?.close();
    await this.#queue?.close();
    await this.#plane?.close({ drainMs: 0 });
  }

  /** Reads the kubeconfig; requests start with the first list. */
  async #openSource(signal: AbortSignal): Promise<AgentSource> {
    const { config, dns, nodeName, openSource } = this.#options;
    const opening = openSource({
      ...(config.kubeconfig === undefined ? {} : { kubeconfig: config.kubeconfig }),
      kinds: [...KINDS_OF_FEATURE.node, ...(dns?.kinds ?? [])],
      // DNS needs headless Services, too. Routes exclude the Services of other proxies in any case.
      proxied: dns === undefined,
      node: nodeName,
      hasContextFlag: false,
      onWaiting: what => this.#options.log.warn({}, `waiting for ${what}`),
      onEvent: event => logClusterEvent(event, this.#options.log),
    });
    void closeIfAborted(signal, opening);
    this.#source = await unlessAborted(signal, opening);
    return this.#source;
  }

  async #openPlane(): Promise<Plane> {
    const { config, log, force } = this.#options;
    const { traffic, warning } = localTrafficOf(config, this.#node);
    if (warning !== undefined) log.warn({}, warning);
    const addresses = addressesOf(config, this.#node);
    const state: HealthState = { progress: this.#progress, node: () => this.#node };
    const hosts = IP_FAMILIES.flatMap(family => nodePortAddressesOf(family, addresses, config.nodePortAddresses));
    this.#serviceHealth = new ServiceHealth(
      state,
      hosts,
      service => this.#table.routesOf(service),
      (service, port, reason) => log.error({ service, port, reason }, 'cannot listen on healthCheckNodePort'),
    );
    return this.#options.openPlane({
      nodeAddresses: addresses,
      nodePortAddresses: config.nodePortAddresses,
      localTraffic: traffic,
      masqueradeAll: config.masqueradeAll,
      masqueradeBit: config.masqueradeBit,
      serviceCidrs: this.#serviceCidrs(),
      force,
      log: event => this.#planeEvent(event),
    });
  }

  #take(update: SourceUpdate): void {
    if (this.#closing.signal.aborted) return;
    this.#logNotices(update);
    const { config, onOutdated } = this.#options;
    this.#followNode(update.events);
    const arrivals = arrivalsOf(update.events, this.#world.store);
    this.#updates.add(arrivals, this.#world.apply(update.events));
    if (this.#node !== undefined && identityOf(config, this.#node, this.#serviceCidrs()) !== this.#identity) {
      onOutdated('the addresses or pod ranges of the Node, or the ServiceCIDRs, have changed');
    }
  }

  #program(arrivals: readonly Arrival[], changes: readonly RouteChange[]): void {
    const changed = new Set(changes.map(({ route }) => route.service));
    this.#metrics.queued(arrivals, changed);
    this.#progress.queued(changed);
    if (changes.length === 0 && this.#progress.started && this.#progress.pending === 0) this.#progress.applied([]);
    this.#queue?.push(changes);
  }

  /** Follows the node object. If its zone changes, all routes are recompiled. */
  #followNode(events: readonly ObjectEvent[]): void {
    const { nodeName } = this.#options;
    for (const event of events) {
      if (event.type === 'set' && event.object.kind === 'Node') this.#node = event.object;
      else if (event.type === 'delete' && event.kind === 'Node') this.#node = undefined;
    }
    const context = contextOf(nodeName, this.#node);
    if (this.#node === undefined || context.zone === this.#context.zone) return;
    this.#options.log.info({ zone: context.zone }, 'the zone of the node has changed');
    this.#context = context;
    this.#program([], this.#table.setNode(context));
  }

  #applied({ changes, milliseconds }: Applied): void {
    this.#metrics.applied(changes, milliseconds / 1000);
    this.#progress.applied(new Set(changes.map(({ route }) => route.service)));
    this.#serviceHealth?.applied(changes);
    this.#options.log.debug({ changes: changes.length }, 'programmed');
  }

  #serviceCidrs(): Cidr[] {
    return [...this.#world.store.others('ServiceCIDR')].flatMap(object =>
      object.kind === 'ServiceCIDR' ? object.cidrs : [],
    );
  }

  #logNotices(update: SourceUpdate): void {
    for (const notice of update.notices) this.#options.log.warn({}, noticeText(notice));
  }

  #planeEvent(event: NftablesEvent): void {
    const { event: name, ...fields } = event;
    if (name === 'repaired') this.#metrics.repaired();
    this.#options.log.warn(fields, name);
  }
}

/** Closes a source that opens only after the agent has been closed. */
async function closeIfAborted(signal: AbortSignal, opening: Promise<AgentSource>): Promise<void> {
  const source = await opening.catch(() => undefined);
  if (signal.aborted) await source?.close();
}
