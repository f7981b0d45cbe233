import { createServer, type Server, type Socket } from 'node:net';
import type { SocketAddress } from '../../net/index.ts';
import { framed, messagesFrom } from '../wire/stream.ts';
import type { ServerOptions } from './options.ts';

/** Queries of one connection that wait for an answer (RFC 7766, 6.2.1.1 allows any order of responses). */
const MAX_WAITING = 100;

interface Connection {
  readonly socket: Socket;
  /** Closes the connection. Starts again with every query and response. */
  readonly idle: NodeJS.Timeout;
  /** Queries that wait for an answer. */
  waiting: number;
  /** Continues to read queries. */
  resume: () => void;
}

/** A TCP socket that answers queries. */
export class TcpListener {
  readonly port: number;
  readonly #options: ServerOptions;
  readonly #server: Server;
  /** The one that was active longest ago comes first. */
  readonly #connections = new Set<Connection>();

  private constructor(server: Server, port: number, options: ServerOptions) {
    this.#server = server;
    this.port = port;
    this.#options = options;
    server.on('connection', socket => void this.#serve(socket));
  }

  /** @throws the system's error */
  static async open(place: SocketAddress, options: ServerOptions): Promise<TcpListener> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    // After a failed accept the next one may succeed.
    const { at } = await options.network.listen(server, place, { onError: () => undefined });
    return new TcpListener(server, at.port, options);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>(done => this.#server.close(() => done()));
    for (const { socket } of this.#connections) socket.destroy();
    await closed;
  }

  /** Answers the queries of a connection until the client closes its side. */
  async #serve(socket: Socket): Promise<void> {
    const { maxConnections, statistics } = this.#options;
    const [longestIdle] = this.#connections;
    if (this.#connections.size >= maxConnections) longestIdle?.socket.destroy();
    const connection = this.#connect(socket);
    statistics.connections += 1;
    socket.once('close', () => {
      clearTimeout(connection.idle);
      this.#connections.delete(connection);
      statistics.connections -= 1;
      connection.resume();
    });
    // Resets are normal, and end the iteration.
    socket.on('error', () => undefined);
    socket.on('drain', () => connection.resume());
    try {
      for await (const message of messagesFrom(socket)) {
        this.#answer(connection, message);
        await until(connection, () => connection.waiting < MAX_WAITING && !socket.writableNeedDrain);
      }
      await until(connection, () => connection.waiting === 0);
      socket.end();
    } catch {
      socket.destroy();
    }
  }

  #connect(socket: Socket): Connection {
    const close = (): void => {
      if (connection.waiting === 0) socket.destroy();
    };
    const idle = setTimeout(close, this.#options.idleMs).unref();
    const connection: Connection = { socket, idle, waiting: 0, resume: () => undefined };
    this.#connections.add(connection);
    return connection;
  }

  #answer(connection: Connection, message: Buffer): void {
    this.#active(connection);
    const response = this.#options.responder.respond(message, 'tcp');
    if (!(response instanceof Promise)) {
      if (response !== undefined) write(connection.socket, response);
      return;
    }
    connection.waiting += 1;
    void response.then(bytes => {
      connection.waiting -= 1;
      this.#active(connection);
      if (bytes !== undefined) write(connection.socket, bytes);
      connection.resume();
    });
  }

  #active(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    this.#connections.add(connection);
    connection.idle.refresh();
  }
}

/** Waits until a condition holds, or the connection is closed. */
async function until(connection: Connection, holds: () => boolean): Promise<void> {
  while (!holds() && !connection.socket.destroyed) {
    const { promise, resolve } = Promise.withResolvers<void>();
    connection.resume = resolve;
    await promise;
  }
}

/** Sends the responses to all queries of a segment together. */
function write(socket: Socket, response: Buffer): void {
  if (!socket.writable) return;
  socket.cork();
  socket.write(framed(response));
  process.nextTick(() => socket.uncork());
}
