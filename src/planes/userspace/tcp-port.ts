import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { familyOf } from '../../kube/address.ts';
import { HIGH_WATER_MARK } from './tcp-relay.ts';

/** Who takes what a listening socket accepts. */
export interface TcpSink {
  accept(client: Socket): void;
  /** accept() failed; the port goes on listening. */
  acceptFailed(error: Error): void;
}

/** One listening TCP socket. Its sink can be exchanged, so a port changes hands without a moment in which it refuses. */
export class TcpPort {
  readonly #server: Server;
  sink: TcpSink;

  private constructor(server: Server, sink: TcpSink) {
    this.#server = server;
    this.sink = sink;
    server.on('connection', client => this.sink.accept(client));
    server.on('error', error => this.sink.acceptFailed(error));
  }

  /** @throws the system's error (EADDRINUSE, EACCES, EADDRNOTAVAIL, EMFILE ...) */
  static async open(address: string, port: number, sink: TcpSink): Promise<TcpPort> {
    const server = createServer({
      allowHalfOpen: true,
      pauseOnConnect: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
      highWaterMark: HIGH_WATER_MARK,
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(
        { host: address, port, ipv6Only: familyOf(address) === 'IPv6', exclusive: true, backlog: BACKLOG },
        () => {
          server.off('error', reject);
          resolve();
        },
      );
    });
    return new TcpPort(server, sink);
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

export const KEEP_ALIVE_DELAY_MS = 30_000;
/** A burst of clients waits here while the event loop is busy; the system caps it (net.core.somaxconn). */
const BACKLOG = 4_096;
