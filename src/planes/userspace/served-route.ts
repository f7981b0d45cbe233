import type { Socket } from 'node:net';
import { isOutOfFiles, messageOf, systemCodeOf } from '../../errors.ts';
import { cidrContains } from '../../net/index.ts';
import type { ProxiedRoute } from '../../routing/index.ts';
import { clientAddress, type Machine, reset } from '../../system/index.ts';
import type { Listener, RouteTraffic } from '../plane.ts';
import type { PoolEndpoint } from './balancer.ts';
import { EndpointBackoff } from './endpoint-backoff.ts';
import { EndpointPool, type TrafficKind } from './endpoint-pool.ts';
import type { FileBudget } from './file-budget.ts';
import type { FlowTable } from './flow-table.ts';
import type { ListenerOwner } from './listener-manager.ts';
import { type ListenerSlot, listenersOfSlot, observedListeners, unplacedListener } from './listener-slot.ts';
import type { ResolvedOptions } from './options.ts';
import type { Binding, Unplaced } from './placement.ts';
import type { Tarpit } from './tarpit.ts';
import { type ConnectAttempt, TcpConnection, type TcpHost } from './tcp-connection.ts';
import type { TcpSink } from './tcp-port.ts';
import { Throttle } from './throttle.ts';
import { Counters } from './traffic.ts';
import { UdpFlows, type UdpHost } from './udp-flows.ts';
import type { UdpSink } from './udp-port.ts';

/** What all routes of a plane share. */
export interface PlaneResources {
  readonly options: ResolvedOptions;
  readonly machine: Machine;
  readonly files: FileBudget;
  readonly flows: FlowTable;
  readonly tarpit: Tarpit;
  /** One for the whole plane, since file descriptors belong to the process. */
  readonly outOfFiles: Throttle;
}

/** One socket to the client and one to the endpoint. */
const SOCKETS_PER_CONNECTION = 2;

/** A proxied route that is being served: its listeners, endpoints and connections. */
export class ServedRoute implements ListenerOwner, TcpHost {
  readonly counters = new Counters();
  readonly slots = new Map<string, ListenerSlot>();
  unplaced: readonly Unplaced[] = [];
  readonly #plane: PlaneResources;
  readonly #backoff = new EndpointBackoff();
  readonly #endpoints: EndpointPool;
  readonly #connections = new Set<TcpConnection>();
  readonly #failures = new Throttle(1_000);
  #route: ProxiedRoute;
  #retired: { readonly timer: NodeJS.Timeout | undefined; readonly onClosed: () => void } | undefined;

  constructor(route: ProxiedRoute, plane: PlaneResources) {
    this.#route = route;
    this.#plane = plane;
    this.#endpoints = new EndpointPool(plane.options, this.#backoff);
    this.#endpoints.update(route);
  }

  get route(): ProxiedRoute {
    return this.#route;
  }

  get service(): string {
    return this.#route.service;
  }

  get protocol(): 'TCP' | 'UDP' {
    return this.#route.protocol === 'UDP' ? 'UDP' : 'TCP';
  }

  get connectTimeoutMs(): number {
    return this.#plane.options.connectTimeoutMs;
  }

  /** Applies to new connections; open ones stay on their endpoints. */
  update(route: ProxiedRoute): void {
    this.#route = route;
    this.#endpoints.update(route);
    for (const slot of this.slots.values()) {
      if (slot.open?.protocol === 'UDP' && slot.open.port.sink instanceof UdpFlows) slot.open.port.sink.moveIfNeeded();
    }
  }

  /** Whether every client of the binding is rejected: its listener is then shut, and the kernel refuses clients. */
  refuses(binding: Binding): boolean {
    const { internal, external, externalFromLocal } = this.#route;
    if (binding.entry === 'internal') return internal.kind === 'reject';
    return external.kind === 'reject' && externalFromLocal.kind === 'reject';
  }

  listeners(): Listener[] {
    const { key, protocol } = this.#route;
    return [
      ...[...this.slots.values()].flatMap(slot => listenersOfSlot(key, protocol, slot)),
      ...this.unplaced.map(unplaced => unplacedListener(key, protocol, unplaced)),
    ];
  }

  /** Whether a listener failed for a cause that may pass. */
  get incomplete(): boolean {
    return [...this.slots.values()].some(slot => slot.failed !== undefined) || this.unplaced.some(one => one.mayPass);
  }

  observe(): Listener[] {
    return [...this.slots.values()].flatMap(slot => observedListeners(this.#route.key, slot));
  }

  traffic(): RouteTraffic {
    return this.counters.snapshot(this.#route.key, this.#endpoints.all());
  }

  /** Ends the route: open connections may go on for `graceMs`. Calls `onClosed` once when all have ended. */
  retire(graceMs: number, onClosed: () => void): void {
    clearTimeout(this.#retired?.timer);
    if (this.#connections.size === 0) {
      onClosed();
      return;
    }
    this.#retired = { timer: setTimeout(() => this.destroy(), graceMs).unref(), onClosed };
  }

  destroy(): void {
    clearTimeout(this.#retired?.timer);
    for (const connection of this.#connections) connection.destroy();
  }

  tcpSink(binding: Binding): TcpSink {
    return {
      accept: client => this.#accept(client, binding),
      acceptFailed: error => this.#acceptFailed(error),
    };
  }

  udpSink(binding: Binding): () => UdpSink {
    const host: UdpHost = {
      counters: this.counters,
      admit: client => (this.#allows(client, binding) ? this.#trafficKind(client, binding) : undefined),
      choose: (kind, client, tried) => this.choose(kind, client, tried),
      mayStay: (kind, endpoint) => this.#endpoints.mayStay(kind, endpoint),
      endpointFailed: (endpoint, code) => this.endpointFailed(endpoint, code),
      outOfFiles: () => this.outOfFiles(),
      receiveFailed: error => this.#acceptFailed(error),
    };
    return () => new UdpFlows(host, this.#plane.flows, this.#plane.files);
  }

  choose(kind: TrafficKind, client: string, tried: readonly PoolEndpoint[]): PoolEndpoint | undefined {
    return this.#endpoints.choose(kind, client, tried);
  }

  endpointFailed(endpoint: PoolEndpoint, code: string): void {
    const forMs = this.#backoff.fail(endpoint.id, this.#plane.options.now());
    if (forMs === 0) return;
    this.#plane.options.log({
      event: 'endpoint-ejected',
      route: this.#route.key,
      endpoint: endpoint.id,
      code,
      forMs,
    });
  }

  endpointAnswered(endpoint: PoolEndpoint): void {
    this.#backoff.succeed(endpoint.id);
  }

  outOfFiles(): void {
    const unreported = this.#plane.outOfFiles.pass(this.#plane.options.now());
    if (unreported === undefined) return;
    const { limit } = this.#plane.files;
    this.#plane.options.log({
      event: 'out-of-files',
      route: this.#route.key,
      unreported,
      ...(limit === undefined ? {} : { limit }),
    });
  }

  gaveUp(client: string, tried: readonly ConnectAttempt[]): void {
    this.counters.refused++;
    const unreported = this.#failures.pass(this.#plane.options.now());
    if (unreported === undefined) return;
    this.#plane.options.log({ event: 'connect-failed', route: this.#route.key, client, tried, unreported });
  }

  ended(connection: TcpConnection): void {
    this.#connections.delete(connection);
    this.counters.active--;
    this.#plane.files.give(SOCKETS_PER_CONNECTION);
    if (this.#connections.size > 0 || this.#retired === undefined) return;
    clearTimeout(this.#retired.timer);
    this.#retired.onClosed();
    this.#retired = undefined;
  }

  #accept(client: Socket, binding: Binding): void {
    const address = clientAddress(client.remoteAddress);
    if (address === undefined) {
      // The client has already closed the connection.
      client.on('error', () => {});
      client.destroy();
      return;
    }
    if (!this.#allows(address, binding)) {
      // A proxy in the kernel would not answer at all. Here accept() has already answered, so the connection is reset.
      this.#refuse(client);
      return;
    }
    if (!this.#plane.files.take(SOCKETS_PER_CONNECTION)) {
      this.outOfFiles();
      this.#refuse(client);
      return;
    }
    const kind = this.#trafficKind(address, binding);
    const endpoint = this.choose(kind, address, []);
    if (endpoint === undefined) {
      if (this.#route[kind].kind === 'drop') {
        this.counters.refused++;
        this.#plane.tarpit.hold(client, () => this.#plane.files.give(SOCKETS_PER_CONNECTION));
        return;
      }
      this.#plane.files.give(SOCKETS_PER_CONNECTION);
      this.#refuse(client);
      return;
    }
    this.counters.accepted++;
    this.counters.active++;
    const connection = new TcpConnection(client, address, kind, this);
    this.#connections.add(connection);
    connection.start(endpoint);
  }

  #refuse(client: Socket): void {
    this.counters.refused++;
    client.on('error', () => {});
    reset(client);
  }

  #trafficKind(client: string, binding: Binding): TrafficKind {
    if (binding.entry === 'internal') return 'internal';
    return this.#plane.machine.isSelf(client) ? 'externalFromLocal' : 'external';
  }

  /** Source ranges apply to clients on other machines; clients on this machine are always allowed. */
  #allows(client: string, binding: Binding): boolean {
    const ranges = this.#route.sourceRanges;
    if (!binding.ranged || ranges.length === 0 || this.#plane.machine.isSelf(client)) return true;
    return ranges.some(range => cidrContains(range, client));
  }

  #acceptFailed(error: Error): void {
    const code = systemCodeOf(error) ?? messageOf(error);
    if (isOutOfFiles(code)) {
      this.outOfFiles();
      return;
    }
    const unreported = this.#failures.pass(this.#plane.options.now());
    if (unreported === undefined) return;
    this.#plane.options.log({ event: 'accept-failed', route: this.#route.key, code, unreported });
  }
}
