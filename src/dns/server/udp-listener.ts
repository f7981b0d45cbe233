import type { RemoteInfo, Socket } from 'node:dgram';
import type { SocketAddress } from '../../net/index.ts';
import { type BoundUdpSocket, DatagramBatch, hasDatagramBatches, ListenersByAddress } from '../../system/index.ts';
import type { Response } from '../responder.ts';
import type { ClientRate } from './client-rate.ts';
import type { ServerOptions } from './options.ts';

export interface UdpOptions extends Pick<ServerOptions, 'responder' | 'statistics' | 'now' | 'network'> {
  readonly rate: ClientRate;
}

/** Queries that wait for an answer; above the limit new ones are dropped, and their clients retry. */
const MAX_WAITING = 10_000;
/** The receive buffer for a burst while the process is busy. The system may allow less. */
const RECEIVE_BYTES = 4 * 1024 * 1024;

/**
 * Queries at shorter intervals are received in batches. For single ones the check for more would only cost a system
 * call.
 */
const CLOSE_MS = 0.5;
/** The number of batches before the event loop gets control again. */
const MAX_BATCHES = 4;

/**
 * A UDP socket that answers queries. The socket's event delivers the first query; under load the others are received and
 * answered in batches, with which one core answers half as many again (bench/dns).
 */
export class UdpListener {
  readonly #options: UdpOptions;
  readonly #socket: Socket;
  readonly #batch: DatagramBatch | undefined;
  #last = Number.NEGATIVE_INFINITY;
  #waiting = 0;
  #closed = false;

  constructor({ socket, fd }: BoundUdpSocket, options: UdpOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#batch = fd !== undefined && hasDatagramBatches() ? new DatagramBatch(fd) : undefined;
    socket.on('message', (message, from) => this.#receive(message, from));
    // Errors of single packets are normal, and the socket continues.
    socket.on('error', () => undefined);
  }

  /** Opens a socket, or one for each address of the machine for a wildcard. @throws the system's error */
  static open(
    place: SocketAddress,
    options: UdpOptions & { readonly shared: boolean },
  ): Promise<ListenersByAddress<UdpListener>> {
    const { shared, network } = options;
    const how = { shared, receiveBufferBytes: RECEIVE_BYTES, openUdp: network.openUdp };
    return ListenersByAddress.open(place, bound => new UdpListener(bound, options), how);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }

  #receive(message: Buffer, from: RemoteInfo): void {
    const { responder, rate, now, statistics } = this.#options;
    const start = now();
    // Sending to port 0 throws.
    if (from.port !== 0) {
      if (rate.allows(from.address, start)) {
        const response = responder.respond(message, 'udp');
        if (response instanceof Promise)
          this.#wait(response, bytes => this.#socket.send(bytes, from.port, from.address));
        else if (response !== undefined) this.#socket.send(response, from.port, from.address);
      } else statistics.dropped.rate += 1;
    }
    const close = start - this.#last < CLOSE_MS;
    this.#last = start;
    if (close && this.#batch !== undefined) this.#takeMore(this.#batch);
  }

  #takeMore(batch: DatagramBatch): void {
    const { responder, rate, now, statistics } = this.#options;
    for (let taken = 0; taken < MAX_BATCHES; taken++) {
      const count = batch.receive();
      for (let slot = 0; slot < count; slot++) {
        if (!batch.isFromLoopback(slot) && !rate.allows(batch.sender(slot).address, now())) {
          statistics.dropped.rate += 1;
          continue;
        }
        const response = responder.respond(batch.message(slot), 'udp');
        if (response === undefined) continue;
        if (response instanceof Promise) {
          const sender = batch.returnAddress(slot);
          this.#wait(response, bytes => batch.send(bytes, sender));
        } else batch.answer(slot, response);
      }
      batch.flush();
      if (count < DatagramBatch.SLOTS) return;
      this.#last = now();
    }
  }

  #wait(response: Promise<Response>, send: (bytes: Buffer) => void): void {
    if (this.#waiting >= MAX_WAITING) {
      this.#options.statistics.dropped.overload += 1;
      return;
    }
    this.#waiting += 1;
    void response.then(bytes => {
      this.#waiting -= 1;
      if (bytes !== undefined && !this.#closed) send(bytes);
    });
  }
}
