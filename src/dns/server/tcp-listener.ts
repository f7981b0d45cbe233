import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { familyOf } from '../../kube/address.ts';
import type { Responder } from '../responder.ts';
import type { DnsStatistics } from '../statistics.ts';
import type { DnsAddress } from './listen-failure.ts';
import { TcpConnection } from './tcp-connection.ts';

export interface TcpOptions {
  readonly responder: Responder;
  readonly statistics: DnsStatistics;
  /** Milliseconds. */
  readonly now: () => number;
  /** A connection without a question for so long is closed (RFC 7766, 6.2.3). */
  readonly idleMs: number;
  readonly mostConnections: number;
}

/** One TCP socket that answers. */
export class TcpListener {
  readonly #options: TcpOptions;
  readonly #server: Server;
  /** The one that was quiet longest is closed first. */
  readonly #connections = new Set<TcpConnection>();
  readonly #sweep: NodeJS.Timeout;

  private constructor(server: Server, options: TcpOptions) {
    this.#server = server;
    this.#options = options;
    server.on('connection', socket => this.#accept(socket));
    // Out of file descriptors, for one: the next connection may do better.
    server.on('error', () => undefined);
    this.#sweep = setInterval(() => this.#closeIdle(), Math.max(10, options.idleMs / 10)).unref();
  }

  /** @throws the system's error */
  static async open(place: DnsAddress, options: TcpOptions): Promise<TcpListener> {
    const server = createServer({ allowHalfOpen: true });
    const listening = once(server, 'listening');
    server.listen({
      host: place.address,
      port: place.port,
      ipv6Only: familyOf(place.address) === 'IPv6',
      backlog: 1024,
      exclusive: true,
    });
    await listening;
    return new TcpListener(server, options);
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    const closed = new Promise<void>(done => this.#server.close(() => done()));
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    const { responder, now, mostConnections, statistics } = this.#options;
    if (this.#connections.size >= mostConnections) this.#quietest()?.destroy();
    const connection = new TcpConnection(socket, responder, now);
    this.#connections.add(connection);
    statistics.connections += 1;
    socket.once('close', () => {
      this.#connections.delete(connection);
      statistics.connections -= 1;
    });
  }

  #quietest(): TcpConnection | undefined {
    let quietest: TcpConnection | undefined;
    for (const connection of this.#connections) {
      if (quietest === undefined || connection.lastActive < quietest.lastActive) quietest = connection;
    }
    return quietest;
  }

  #closeIdle(): void {
    const before = this.#options.now() - this.#options.idleMs;
    for (const connection of this.#connections) {
      if (connection.idle && connection.lastActive <= before) connection.destroy();
    }
  }
}
