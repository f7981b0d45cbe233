import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { SocketAddress } from '../../net/index.ts';
import type { NetworkSockets } from '../../system/index.ts';

export const KEEP_ALIVE_DELAY_MS = 30_000;
/**
 * Bytes that may be queued towards an endpoint before its client is paused. One read returns up to 64 KiB, which at
 * Node's default mark would pause and resume the client for every full chunk.
 */
export const HIGH_WATER_MARK = 256 * 1024;

/** Receives the clients that a listening socket accepts. */
export interface TcpSink {
  accept(client: Socket): void;
  /** accept() failed; the port still listens. */
  acceptFailed(error: Error): void;
}

/** One listening TCP socket. Its sink can be replaced, so that a port changes hands without refusing a client. */
export class TcpPort {
  readonly #server = createServer({
    allowHalfOpen: true,
    pauseOnConnect: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
    highWaterMark: HIGH_WATER_MARK,
  });
  sink: TcpSink;

  private constructor(sink: TcpSink) {
    this.sink = sink;
    this.#server.on('connection', client => this.sink.accept(client));
  }

  /** @throws the system's error (EADDRINUSE, EACCES, EADDRNOTAVAIL, EMFILE ...) */
  static async open(network: NetworkSockets, at: SocketAddress, sink: TcpSink): Promise<TcpPort> {
    const opened = new TcpPort(sink);
    const onError = (error: Error): void => opened.sink.acceptFailed(error);
    await network.listen(opened.#server, at, { onError, backlog: BACKLOG });
    return opened;
  }

  /** The address it listens on; undefined once it is closed. */
  address(): AddressInfo | undefined {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address : undefined;
  }

  /** The port is free when this returns; accepted connections stay open. */
  close(): void {
    this.#server.close();
  }
}

/** Clients that the kernel queues while the event loop is busy; it caps this (net.core.somaxconn). */
const BACKLOG = 4_096;
