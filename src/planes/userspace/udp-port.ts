import type { RemoteInfo } from 'node:dgram';
import type { SocketAddress } from '../../net/index.ts';
import { type BoundUdpSocket, ListenersByAddress, type NetworkSockets } from '../../system/index.ts';

/** Receives the datagrams of a port. */
export interface UdpSink {
  /** `via`: the socket that received it, from which the reply must leave. */
  datagram(message: Buffer, from: RemoteInfo, via: UdpPortSocket): void;
  receiveFailed(error: Error): void;
  /** Another sink takes over, or the port closes. */
  close(): void;
}

/** A bound UDP port: one socket, or one for each address of this machine where all are listened on. */
export class UdpPort {
  #listeners: ListenersByAddress<UdpPortSocket> | undefined;
  #sink: UdpSink = NO_SINK;

  private constructor() {}

  /** @throws the system's error (EADDRINUSE, EACCES, EADDRNOTAVAIL, EMFILE ...) */
  static async open({ openUdp }: NetworkSockets, at: SocketAddress, sink: () => UdpSink): Promise<UdpPort> {
    const opened = new UdpPort();
    const current = (): UdpSink => opened.#sink;
    opened.#listeners = await ListenersByAddress.open(at, bound => new UdpPortSocket(bound, current), { openUdp });
    opened.#sink = sink();
    return opened;
  }

  get sink(): UdpSink {
    return this.#sink;
  }

  /** Hands the port to another sink and ends the flows of the previous one. */
  pass(sink: () => UdpSink): void {
    this.#sink.close();
    this.#sink = sink();
  }

  /** The address it listens on; undefined once it is closed. */
  address(): SocketAddress | undefined {
    return this.#listeners?.at;
  }

  /** The port is free when this returns, and the kernel answers clients with port unreachable. */
  close(): void {
    const listeners = this.#listeners;
    if (listeners === undefined) return;
    this.#listeners = undefined;
    this.#sink.close();
    listeners.close();
  }
}

/** One bound socket of a port. Replies leave from it, so they come from the address that the client asked. */
export class UdpPortSocket {
  /** Distinguishes the flows that one client has with several addresses of this machine. */
  readonly address: string;
  readonly #socket: BoundUdpSocket['socket'];
  #open = true;
  #unsent = 0;
  readonly #sent = () => {
    this.#unsent--;
  };

  constructor({ socket, at }: BoundUdpSocket, sink: () => UdpSink) {
    this.address = at.address;
    this.#socket = socket;
    socket.on('message', (message, from) => {
      // A reply to port 0 is impossible: send() throws.
      if (from.port !== 0) sink().datagram(message, from, this);
    });
    socket.on('error', error => sink().receiveFailed(error));
  }

  /** Replies to a client. Drops the datagram if the system does not accept it, as a full queue on the path would. */
  reply(message: Buffer, address: string, port: number): void {
    if (!this.#open || this.#unsent >= MAX_UNSENT) return;
    this.#unsent++;
    this.#socket.send(message, port, address, this.#sent);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#socket.close();
  }
}

const MAX_UNSENT = 1_024;

const NO_SINK: UdpSink = { datagram() {}, receiveFailed() {}, close() {} };
