import type { Socket } from 'node:net';
import { messageOf, systemCodeOf } from '../../errors.ts';
import { cidrContains } from '../../kube/address.ts';
import type { ProxiedRoute } from '../../routing/index.ts';
import { clientAddress, type Machine, reset } from '../../system/index.ts';
import type { Listener, RouteTraffic } from '../plane.ts';
import type { Target } from './balancer.ts';
import { EndpointBackoff } from './endpoint-backoff.ts';
import { type FileBudget, isOutOfFiles } from './file-budget.ts';
import type { FlowTable } from './flow-table.ts';
import type { HeldClients } from './held-clients.ts';
import type { Binding, Unplaced } from './placement.ts';
import type { PortOwner } from './port-keeper.ts';
import type { Settings } from './settings.ts';
import { observed, type Slot, slotListeners, unplacedListener } from './slot.ts';
import { type Side, Targets } from './targets.ts';
import { TcpConnection, type TcpHost, type Try } from './tcp-connection.ts';
import type { TcpSink } from './tcp-port.ts';
import { Throttle } from './throttle.ts';
import { Counters } from './traffic.ts';
import { UdpFlows, type UdpHost } from './udp-flows.ts';
import type { UdpSink } from './udp-port.ts';

/** What all routes of a plane share. */
export interface Shared {
  readonly settings: Settings;
  readonly machine: Machine;
  readonly files: FileBudget;
  readonly flows: FlowTable;
  readonly held: HeldClients;
  /** One for the whole plane: the files are the process's. */
  readonly outOfFiles: Throttle;
}

/** A socket of the client's and one to the endpoint. */
const SOCKETS_A_CONNECTION = 2;

/** A proxied route while it lives: its slots, its endpoints, its connections. */
export class ServedRoute implements PortOwner, TcpHost {
  readonly counters = new Counters();
  readonly slots = new Map<string, Slot>();
  unplaced: readonly Unplaced[] = [];
  readonly #shared: Shared;
  readonly #backoff = new EndpointBackoff();
  readonly #targets: Targets;
  readonly #connections = new Set<TcpConnection>();
  readonly #failures = new Throttle(1_000);
  #route: ProxiedRoute;
  #retired: { readonly timer: NodeJS.Timeout | undefined; readonly over: () => void } | undefined;

  constructor(route: ProxiedRoute, shared: Shared) {
    this.#route = route;
    this.#shared = shared;
    this.#targets = new Targets(shared.settings, this.#backoff);
    this.#targets.update(route);
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
    return this.#shared.settings.connectTimeoutMs;
  }

  /** From now on new connections go by this; those that are under way stay where they are. */
  update(route: ProxiedRoute): void {
    this.#route = route;
    this.#targets.update(route);
    for (const slot of this.slots.values()) {
      if (slot.open?.protocol === 'UDP' && slot.open.port.sink instanceof UdpFlows) slot.open.port.sink.rehome();
    }
  }

  /** Whether anybody who dials the binding is to be refused: then nobody listens, and the kernel refuses for us. */
  refuses(binding: Binding): boolean {
    const { internal, external, externalFromLocal } = this.#route;
    if (binding.entry === 'internal') return internal.kind === 'reject';
    return external.kind === 'reject' && externalFromLocal.kind === 'reject';
  }

  listeners(): Listener[] {
    const { key, protocol } = this.#route;
    return [
      ...[...this.slots.values()].flatMap(slot => slotListeners(key, protocol, slot)),
      ...this.unplaced.map(unplaced => unplacedListener(key, protocol, unplaced)),
    ];
  }

  observe(): Listener[] {
    return [...this.slots.values()].flatMap(slot => observed(this.#route.key, slot));
  }

  traffic(): RouteTraffic {
    return this.counters.snapshot(this.#route.key, this.#targets.all());
  }

  /** Nothing new comes in any more. What is open may go on for `graceMs`; then, or before, `over` is called once. */
  retire(graceMs: number, over: () => void): void {
    clearTimeout(this.#retired?.timer);
    if (this.#connections.size === 0) {
      over();
      return;
    }
    this.#retired = { timer: setTimeout(() => this.destroy(), graceMs).unref(), over };
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
      admit: client => (this.#admits(client, binding) ? this.#side(client, binding) : undefined),
      choose: (side, client, tried) => this.choose(side, client, tried),
      mayStay: (side, target) => this.#targets.mayStay(side, target),
      targetFailed: (target, code) => this.targetFailed(target, code),
      outOfFiles: () => this.outOfFiles(),
      receiveFailed: error => this.#acceptFailed(error),
    };
    return () => new UdpFlows(host, this.#shared.flows, this.#shared.files);
  }

  choose(side: Side, client: string, tried: readonly Target[]): Target | undefined {
    return this.#targets.choose(side, client, tried);
  }

  targetFailed(target: Target, code: string): void {
    const forMs = this.#backoff.fail(target.id, this.#shared.settings.now());
    if (forMs === 0) return;
    this.#shared.settings.log({
      event: 'endpoint-shunned',
      route: this.#route.key,
      endpoint: target.id,
      code,
      forMs,
    });
  }

  targetAnswered(target: Target): void {
    this.#backoff.succeed(target.id);
  }

  outOfFiles(): void {
    const unreported = this.#shared.outOfFiles.pass(this.#shared.settings.now());
    if (unreported === undefined) return;
    const { limit } = this.#shared.files;
    this.#shared.settings.log({
      event: 'out-of-files',
      route: this.#route.key,
      unreported,
      ...(limit === undefined ? {} : { limit }),
    });
  }

  gaveUp(client: string, tried: readonly Try[]): void {
    this.counters.refused++;
    const unreported = this.#failures.pass(this.#shared.settings.now());
    if (unreported === undefined) return;
    this.#shared.settings.log({ event: 'connect-failed', route: this.#route.key, client, tried, unreported });
  }

  ended(connection: TcpConnection): void {
    this.#connections.delete(connection);
    this.counters.active--;
    this.#shared.files.give(SOCKETS_A_CONNECTION);
    if (this.#connections.size > 0 || this.#retired === undefined) return;
    clearTimeout(this.#retired.timer);
    this.#retired.over();
    this.#retired = undefined;
  }

  #accept(client: Socket, binding: Binding): void {
    const address = clientAddress(client.remoteAddress);
    if (address === undefined) {
      // It has gone again already.
      client.on('error', () => {});
      client.destroy();
      return;
    }
    if (!this.#admits(address, binding)) {
      // A proxy in the kernel would not answer at all. accept() has answered already, so all that is left is to hang up.
      this.#refuse(client);
      return;
    }
    if (!this.#shared.files.take(SOCKETS_A_CONNECTION)) {
      this.outOfFiles();
      this.#refuse(client);
      return;
    }
    const side = this.#side(address, binding);
    const target = this.choose(side, address, []);
    if (target === undefined) {
      if (this.#route[side].kind === 'drop') {
        this.counters.refused++;
        this.#shared.held.hold(client, () => this.#shared.files.give(SOCKETS_A_CONNECTION));
        return;
      }
      this.#shared.files.give(SOCKETS_A_CONNECTION);
      this.#refuse(client);
      return;
    }
    this.counters.accepted++;
    this.counters.active++;
    const connection = new TcpConnection(client, address, side, this);
    this.#connections.add(connection);
    connection.start(target);
  }

  #refuse(client: Socket): void {
    this.counters.refused++;
    client.on('error', () => {});
    reset(client);
  }

  #side(client: string, binding: Binding): Side {
    if (binding.entry === 'internal') return 'internal';
    return this.#shared.machine.isSelf(client) ? 'externalFromLocal' : 'external';
  }

  /** Source ranges are for those outside; the laptop's own user is always let in. */
  #admits(client: string, binding: Binding): boolean {
    const ranges = this.#route.sourceRanges;
    if (!binding.ranged || ranges.length === 0 || this.#shared.machine.isSelf(client)) return true;
    return ranges.some(range => cidrContains(range, client));
  }

  #acceptFailed(error: Error): void {
    const code = systemCodeOf(error) ?? messageOf(error);
    if (isOutOfFiles(code)) {
      this.outOfFiles();
      return;
    }
    const unreported = this.#failures.pass(this.#shared.settings.now());
    if (unreported === undefined) return;
    this.#shared.settings.log({ event: 'accept-failed', route: this.#route.key, code, unreported });
  }
}
