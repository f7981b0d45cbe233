import { createServer, type Server, type Socket } from 'node:net';
import type { SocketAddress } from '../../net/index.ts';
import { listen } from '../../system/index.ts';
import type { Responder } from '../responder.ts';
import type { DnsStatistics } from '../statistics.ts';
import { TcpConnection } from './tcp-connection.ts';

export interface TcpOptions {
  readonly responder: Responder;
  readonly statistics: DnsStatistics;
  /** Milliseconds. */
  readonly now: () => number;
  /** Connections are closed after this time without a query (RFC 7766, 6.2.3). */
  readonly idleMs: number;
  readonly maxConnections: number;
}

/** A TCP socket that answers queries. */
export class TcpListener {
  readonly port: number;
  readonly #options: TcpOptions;
  readonly #server: Server;
  readonly #connections = new Set<TcpConnection>();
  readonly #sweep: NodeJS.Timeout;

  private constructor(server: Server, port: number, options: TcpOptions) {
    this.#server = server;
    this.port = port;
    this.#options = options;
    server.on('connection', socket => this.#accept(socket));
    this.#sweep = setInterval(() => this.#closeIdle(), Math.max(10, options.idleMs / 10)).unref();
  }

  /** @throws the system's error */
  static async open(place: SocketAddress, options: TcpOptions): Promise<TcpListener> {
    const server = createServer({ allowHalfOpen: true });
    // After a failed accept the next one may succeed.
    const { at } = await listen(server, place, { onError: () => undefined });
    return new TcpListener(server, at.port, options);
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    const closed = new Promise<void>(done => this.#server.close(() => done()));
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    const { responder, now, maxConnections, statistics } = this.#options;
    if (this.#connections.size >= maxConnections) this.#longestIdle()?.destroy();
    const connection = new TcpConnection(socket, responder, now);
    this.#connections.add(connection);
    statistics.connections += 1;
    socket.once('close', () => {
      this.#connections.delete(connection);
      statistics.connections -= 1;
    });
  }

  #longestIdle(): TcpConnection | undefined {
    let longest: TcpConnection | undefined;
    for (const connection of this.#connections) {
      if (longest === undefined || connection.lastActive < longest.lastActive) longest = connection;
    }
    return longest;
  }

  #closeIdle(): void {
    const before = this.#options.now() - this.#options.idleMs;
    for (const connection of this.#connections) {
      if (connection.idle && connection.lastActive <= before) connection.destroy();
    }
  }
}
