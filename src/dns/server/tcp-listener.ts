import { createServer, type Server, type Socket } from 'node:net';
import type { SocketAddress } from '../../net/index.ts';
import { listen } from '../../system/index.ts';
import type { Responder } from '../responder.ts';
import type { DnsStatistics } from '../statistics.ts';
import { framed, messagesFrom } from '../wire/stream.ts';

export interface TcpOptions {
  readonly responder: Responder;
  readonly statistics: DnsStatistics;
  /** Milliseconds. */
  readonly now: () => number;
  /** Connections are closed after this time without a query (RFC 7766, 6.2.3). */
  readonly idleMs: number;
  readonly maxConnections: number;
}

/** Queries of one connection that wait for an answer (RFC 7766, 6.2.1.1 allows any order of responses). */
const MAX_WAITING = 100;

interface Connection {
  readonly socket: Socket;
  /** The time of the last query or response, or of the connection, in milliseconds. */
  lastActive: number;
  /** Queries that wait for an answer. */
  waiting: number;
  /** Continues to read queries. */
  resume: () => void;
}

/** A TCP socket that answers queries. */
export class TcpListener {
  readonly port: number;
  readonly #options: TcpOptions;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #sweep: NodeJS.Timeout;

  private constructor(server: Server, port: number, options: TcpOptions) {
    this.#server = server;
    this.port = port;
    this.#options = options;
    server.on('connection', socket => void this.#serve(socket));
    this.#sweep = setInterval(() => this.#closeIdle(), Math.max(10, options.idleMs / 10)).unref();
  }

  /** @throws the system's error */
  static async open(place: SocketAddress, options: TcpOptions): Promise<TcpListener> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    // After a failed accept the next one may succeed.
    const { at } = await listen(server, place, { onError: () => undefined });
    return new TcpListener(server, at.port, options);
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    const closed = new Promise<void>(done => this.#server.close(() => done()));
    for (const { socket } of this.#connections) socket.destroy();
    await closed;
  }

  /** Answers the queries of a connection until the client closes its side. */
  async #serve(socket: Socket): Promise<void> {
    const { now, maxConnections, statistics } = this.#options;
    if (this.#connections.size >= maxConnections) this.#longestIdle()?.socket.destroy();
    const connection: Connection = { socket, lastActive: now(), waiting: 0, resume: () => undefined };
    this.#connections.add(connection);
    statistics.connections += 1;
    socket.once('close', () => {
      this.#connections.delete(connection);
      statistics.connections -= 1;
      connection.resume();
    });
    // Resets are normal, and end the iteration.
    socket.on('error', () => undefined);
    socket.on('drain', () => connection.resume());
    try {
      for await (const message of messagesFrom(socket)) {
        connection.lastActive = now();
        this.#answer(connection, message);
        await this.#until(connection, () => connection.waiting < MAX_WAITING && !socket.writableNeedDrain);
      }
      await this.#until(connection, () => connection.waiting === 0);
      socket.end();
    } catch {
      socket.destroy();
    }
  }

  #answer(connection: Connection, message: Buffer): void {
    const response = this.#options.responder.respond(message, 'tcp');
    if (!(response instanceof Promise)) {
      if (response !== undefined) write(connection.socket, response);
      return;
    }
    connection.waiting += 1;
    void response.then(bytes => {
      connection.waiting -= 1;
      connection.lastActive = this.#options.now();
      if (bytes !== undefined) write(connection.socket, bytes);
      connection.resume();
    });
  }

  /** Waits until a condition holds, or the connection is closed. */
  async #until(connection: Connection, holds: () => boolean): Promise<void> {
    while (!holds() && !connection.socket.destroyed) {
      const { promise, resolve } = Promise.withResolvers<void>();
      connection.resume = resolve;
      await promise;
    }
  }

  #longestIdle(): Connection | undefined {
    let longest: Connection | undefined;
    for (const connection of this.#connections) {
      if (longest === undefined || connection.lastActive < longest.lastActive) longest = connection;
    }
    return longest;
  }

  #closeIdle(): void {
    const before = this.#options.now() - this.#options.idleMs;
    for (const { socket, waiting, lastActive } of this.#connections) {
      if (waiting === 0 && lastActive <= before) socket.destroy();
    }
  }
}

/** Sends the responses to all queries of a segment together. */
function write(socket: Socket, response: Buffer): void {
  if (!socket.writable) return;
  socket.cork();
  socket.write(framed(response));
  process.nextTick(() => socket.uncork());
}
