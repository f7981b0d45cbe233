import { connect, type Socket } from 'node:net';
import { isOutOfFiles, systemCodeOf } from '../../errors.ts';
import { Relay, reset } from '../../system/index.ts';
import type { PoolEndpoint } from './balancer.ts';
import type { TrafficKind } from './endpoint-pool.ts';
import { HIGH_WATER_MARK, KEEP_ALIVE_DELAY_MS } from './tcp-port.ts';
import type { Counters } from './traffic.ts';

/** One failed connection attempt. */
export interface ConnectAttempt {
  readonly endpoint: string;
  readonly code: string;
}

/** The route of a connection. */
export interface TcpHost {
  readonly counters: Counters;
  readonly connectTimeoutMs: number;
  choose(kind: TrafficKind, client: string, tried: readonly PoolEndpoint[]): PoolEndpoint | undefined;
  endpointFailed(endpoint: PoolEndpoint, code: string): void;
  endpointAnswered(endpoint: PoolEndpoint): void;
  outOfFiles(): void;
  /** No endpoint accepted the connection. */
  gaveUp(client: string, attempts: readonly ConnectAttempt[]): void;
  /** Both sockets of the connection are closed. */
  ended(connection: TcpConnection): void;
}

/**
 * One client's connection from accept to the last byte. It dials endpoints, each at most once, until one answers, and
 * only then reads from the client, so that a failed attempt loses no data.
 */
export class TcpConnection {
  readonly #client: Socket;
  readonly #host: TcpHost;
  readonly #kind: TrafficKind;
  readonly #clientAddress: string;
  readonly #tried: PoolEndpoint[] = [];
  readonly #attempts: ConnectAttempt[] = [];
  readonly #relay: Relay;
  #endpoint: PoolEndpoint | undefined;
  #upstream: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(client: Socket, clientAddress: string, kind: TrafficKind, host: TcpHost) {
    this.#client = client;
    this.#clientAddress = clientAddress;
    this.#kind = kind;
    this.#host = host;
    this.#relay = new Relay(client, host.counters);
    client.on('error', ignore);
    client.on('close', () => this.#closed());
  }

  /** Dials the first endpoint. Call once. */
  start(endpoint: PoolEndpoint): void {
    this.#dial(endpoint);
  }

  /** Resets both sides. */
  destroy(): void {
    reset(this.#client);
    if (this.#upstream !== undefined) reset(this.#upstream);
  }

  #dial(endpoint: PoolEndpoint): void {
    this.#endpoint = endpoint;
    endpoint.active++;
    const upstream = connect({
      host: endpoint.address,
      port: endpoint.port,
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
      onread: this.#relay.onread,
      ...UPSTREAM_BUFFER,
    });
    this.#upstream = upstream;
    this.#timer = setTimeout(() => {
      upstream.destroy();
      this.#failed(endpoint, 'ETIMEDOUT');
    }, this.#host.connectTimeoutMs).unref();
    upstream.on('error', error => {
      // After the connection is established, the relay handles `close`.
      if (this.#timer !== undefined) this.#failed(endpoint, systemCodeOf(error) ?? 'ECONNREFUSED');
    });
    upstream.on('close', () => this.#closed());
    upstream.once('connect', () => this.#connected(endpoint, upstream));
  }

  #connected(endpoint: PoolEndpoint, upstream: Socket): void {
    this.#stopTimer();
    endpoint.connectionsTotal++;
    this.#host.endpointAnswered(endpoint);
    this.#relay.start(upstream);
  }

  #failed(endpoint: PoolEndpoint, code: string): void {
    this.#stopTimer();
    if (this.#ended || this.#client.destroyed) return;
    endpoint.active--;
    this.#endpoint = undefined;
    this.#upstream = undefined;
    if (isOutOfFiles(code)) {
      this.#host.outOfFiles();
      this.#client.resetAndDestroy();
      return;
    }
    if (!OWN_FAULTS.has(code)) this.#host.endpointFailed(endpoint, code);
    this.#tried.push(endpoint);
    this.#attempts.push({ endpoint: endpoint.id, code });
    const next = this.#host.choose(this.#kind, this.#clientAddress, this.#tried);
    if (next === undefined) {
      this.#host.gaveUp(this.#clientAddress, this.#attempts);
      this.#client.resetAndDestroy();
      return;
    }
    this.#host.counters.retried++;
    this.#dial(next);
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Called when either socket is closed. */
  #closed(): void {
    if (!this.#client.destroyed) return;
    // The client left before an endpoint answered.
    if (this.#timer !== undefined) {
      this.#stopTimer();
      this.#upstream?.destroy();
    } else if (this.#upstream !== undefined && !this.#upstream.closed) return;
    if (this.#ended) return;
    this.#ended = true;
    if (this.#endpoint !== undefined) this.#endpoint.active--;
    this.#relay.close();
    this.#host.ended(this);
  }
}

/** Faults of this machine, for which the endpoint is not ejected. */
const OWN_FAULTS: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM', 'EACCES', 'EPERM']);

/** Node passes these on to the stream, although the type of connect()'s options does not list them (net.Socket, Node 24). */
const UPSTREAM_BUFFER: { readonly highWaterMark: number } = { highWaterMark: HIGH_WATER_MARK };

function ignore(): void {}
