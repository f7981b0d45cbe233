import { connect, type Socket } from 'node:net';
import { systemCodeOf } from '../../errors.ts';
import { Relay, reset } from '../../system/index.ts';
import type { Target } from './balancer.ts';
import { isOutOfFiles } from './file-budget.ts';
import type { Side } from './targets.ts';
import { HIGH_WATER_MARK, KEEP_ALIVE_DELAY_MS } from './tcp-port.ts';
import type { Counters } from './traffic.ts';

/** One failed try. */
export interface Try {
  readonly endpoint: string;
  readonly code: string;
}

/** What a connection needs of the route that it came in on. */
export interface TcpHost {
  readonly counters: Counters;
  readonly connectTimeoutMs: number;
  choose(side: Side, client: string, tried: readonly Target[]): Target | undefined;
  targetFailed(target: Target, code: string): void;
  targetAnswered(target: Target): void;
  outOfFiles(): void;
  /** No endpoint took the connection. */
  gaveUp(client: string, tries: readonly Try[]): void;
  /** Both its sockets are closed. */
  ended(connection: TcpConnection): void;
}

/**
 * One client's connection from accept to the last byte. It dials endpoints until one answers, each at most once, and
 * only then reads from the client: so a try that fails has cost the client nothing.
 */
export class TcpConnection {
  readonly #client: Socket;
  readonly #host: TcpHost;
  readonly #side: Side;
  readonly #clientAddress: string;
  readonly #tried: Target[] = [];
  readonly #tries: Try[] = [];
  readonly #relay: Relay;
  #target: Target | undefined;
  #upstream: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  constructor(client: Socket, clientAddress: string, side: Side, host: TcpHost) {
    this.#client = client;
    this.#clientAddress = clientAddress;
    this.#side = side;
    this.#host = host;
    this.#relay = new Relay(client, host.counters);
    client.on('error', ignore);
    client.on('close', () => this.#closed());
  }

  /** Dials the first target; call once. */
  start(target: Target): void {
    this.#dial(target);
  }

  /** Cuts it, on both sides. */
  destroy(): void {
    reset(this.#client);
    if (this.#upstream !== undefined) reset(this.#upstream);
  }

  #dial(target: Target): void {
    this.#target = target;
    target.active++;
    const upstream = connect({
      host: target.address,
      port: target.port,
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
      this.#failed(target, 'ETIMEDOUT');
    }, this.#host.connectTimeoutMs).unref();
    upstream.on('error', error => {
      // Once connected, `close` passes it on (relay).
      if (this.#timer !== undefined) this.#failed(target, systemCodeOf(error) ?? 'ECONNREFUSED');
    });
    upstream.on('close', () => this.#closed());
    upstream.once('connect', () => this.#connected(target, upstream));
  }

  #connected(target: Target, upstream: Socket): void {
    this.#stopTimer();
    target.given++;
    this.#host.targetAnswered(target);
    this.#relay.start(upstream);
  }

  #failed(target: Target, code: string): void {
    this.#stopTimer();
    if (this.#over || this.#client.destroyed) return;
    target.active--;
    this.#target = undefined;
    this.#upstream = undefined;
    if (isOutOfFiles(code)) {
      this.#host.outOfFiles();
      this.#client.resetAndDestroy();
      return;
    }
    if (!OWN_FAULTS.has(code)) this.#host.targetFailed(target, code);
    this.#tried.push(target);
    this.#tries.push({ endpoint: target.id, code });
    const next = this.#host.choose(this.#side, this.#clientAddress, this.#tried);
    if (next === undefined) {
      this.#host.gaveUp(this.#clientAddress, this.#tries);
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

  /** One of the two sockets is closed. */
  #closed(): void {
    if (!this.#client.destroyed) return;
    // The client left before anybody answered.
    if (this.#timer !== undefined) {
      this.#stopTimer();
      this.#upstream?.destroy();
    } else if (this.#upstream !== undefined && !this.#upstream.closed) return;
    if (this.#over) return;
    this.#over = true;
    if (this.#target !== undefined) this.#target.active--;
    this.#relay.close();
    this.#host.ended(this);
  }
}

/** Faults of this machine and not of the endpoint: it is not shunned for them. */
const OWN_FAULTS: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM', 'EACCES', 'EPERM']);

/** Node hands these on to the stream, though the type of connect()'s options does not list them (net.Socket, Node 24). */
const UPSTREAM_BUFFER: { readonly highWaterMark: number } = { highWaterMark: HIGH_WATER_MARK };

function ignore(): void {}
