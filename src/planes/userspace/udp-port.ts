import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { familyOf } from '../../kube/address.ts';
import type { IpFamily } from '../../kube/protocol.ts';

/** Who takes the datagrams that come in on a port. */
export interface UdpSink {
  datagram(message: Buffer, from: RemoteInfo): void;
  receiveFailed(error: Error): void;
  /** Another sink takes over, or the port closes. */
  close(): void;
}

/** One bound UDP socket. Replies go out of it, so they come from the address that the client asked. */
export class UdpPort {
  readonly #socket: Socket;
  #sink: UdpSink;
  #open = true;
  #unsent = 0;
  readonly #sent = () => {
    this.#unsent--;
  };

  private constructor(socket: Socket, sink: UdpSink) {
    this.#socket = socket;
    this.#sink = sink;
    socket.on('message', (message, from) => this.#sink.datagram(message, from));
    socket.on('error', error => this.#sink.receiveFailed(error));
  }

  /** @throws the system's error (EADDRINUSE, EACCES, EADDRNOTAVAIL, EMFILE ...) */
  static async open(address: string, port: number, sink: (port: UdpPort) => UdpSink): Promise<UdpPort> {
    const socket = newSocket(familyOf(address));
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.bind({ address, port, exclusive: true }, () => {
          socket.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      socket.close();
      throw error;
    }
    return new UdpPort(socket, NO_SINK).#with(sink);
  }

  get sink(): UdpSink {
    return this.#sink;
  }

  /** Gives the port to another taker; the flows of the one before end. */
  pass(sink: (port: UdpPort) => UdpSink): void {
    this.#sink.close();
    this.#with(sink);
  }

  address(): AddressInfo | undefined {
    return this.#open ? this.#socket.address() : undefined;
  }

  /** Answers a client. Datagrams that the system does not take are dropped, as a full queue on the way would. */
  reply(message: Buffer, address: string, port: number): void {
    if (!this.#open || this.#unsent >= MOST_UNSENT) return;
    this.#unsent++;
    this.#socket.send(message, port, address, this.#sent);
  }

  /** The port is free when this returns, and the kernel answers clients with port unreachable. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#sink.close();
    this.#socket.close();
  }

  #with(sink: (port: UdpPort) => UdpSink): this {
    this.#sink = sink(this);
    return this;
  }
}

const MOST_UNSENT = 1_024;

const NO_SINK: UdpSink = { datagram() {}, receiveFailed() {}, close() {} };

/** A socket that takes addresses as they are: dns.lookup would put off every answer to the next tick. */
function newSocket(family: IpFamily): Socket {
  const numeric = family === 'IPv4' ? 4 : 6;
  return createSocket({
    type: family === 'IPv4' ? 'udp4' : 'udp6',
    ipv6Only: family === 'IPv6',
    lookup: (hostname, _options, callback) => callback(null, hostname, numeric),
  });
}
