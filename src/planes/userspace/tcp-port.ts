import { type AddressInfo, createServer, type Socket } from 'node:net';
import { listen } from '../../system/index.ts';

export const KEEP_ALIVE_DELAY_MS = 30_000;
/**
 * How much may wait towards an endpoint before its client is paused. One read brings up to 64 KiB, which at Node's
 * default mark would pause and resume the client at every full chunk.
 */
export const HIGH_WATER_MARK = 256 * 1024;

/** Who takes what a listening socket accepts. */
export interface TcpSink {
  accept(client: Socket): void;
  /** accept() failed; the port goes on listening. */
  acceptFailed(error: Error): void;
}

/** One listening TCP socket. Its sink can be exchanged, so a port changes hands without a moment in which it refuses. */
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
  static async open(address: string, port: number, sink: TcpSink): Promise<TcpPort> {
    const opened = new TcpPort(sink);
    const onError = (error: Error): void => opened.sink.acceptFailed(error);
    await listen(opened.#server, { address, port }, { onError, backlog: BACKLOG });
    return opened;
  }

  /** Where it really listens; undefined once it is closed. */
  address(): AddressInfo | undefined {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address : undefined;
  }

  /** The port is free when this returns; what was accepted goes on. */
  close(): void {
    this.#server.close();
  }
}

/** A burst of clients waits here while the event loop is busy; the system caps it (net.core.somaxconn). */
const BACKLOG = 4_096;
