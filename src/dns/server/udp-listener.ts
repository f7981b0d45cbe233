import type { RemoteInfo, Socket } from 'node:dgram';
import type { SocketAddress } from '../../kube/address.ts';
import { type BoundUdpSocket, DatagramBatch, hasDatagramBatches, ListenersByAddress } from '../../system/index.ts';
import type { Responder, Response } from '../responder.ts';
import type { DnsStatistics } from '../statistics.ts';
import type { ClientRate } from './client-rate.ts';

export interface UdpOptions {
  readonly responder: Responder;
  readonly statistics: DnsStatistics;
  readonly rate: ClientRate;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Questions that wait for others; beyond it new ones are dropped, and their askers ask again. */
const MOST_WAITING = 10_000;
/** Room for a burst while the process is busy; the system may give less. */
const RECEIVE_BYTES = 4 * 1024 * 1024;

/**
 * Questions that come closer than that are taken many at a time. Those that come alone are better off without: looking
 * whether there are more costs a call of the system.
 */
const CLOSE_MS = 0.5;
/** So many batches are taken before others in this process have their turn. */
const MOST_BATCHES = 4;

/**
 * One UDP socket that answers. The socket tells that there are questions, and gives the first; under load the others are
 * taken and answered in batches, with which one core answers half as many again (bench/dns.ts).
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
    // What goes wrong with one packet is no news, and the socket goes on.
    socket.on('error', () => undefined);
  }

  /** The sockets of a place: one for each address where all are listened on. @throws an error with the system's code */
  static open(
    place: SocketAddress,
    options: UdpOptions & { readonly shared: boolean },
  ): Promise<ListenersByAddress<UdpListener>> {
    const { shared } = options;
    const receiveBufferBytes = RECEIVE_BYTES;
    return ListenersByAddress.open(place, bound => new UdpListener(bound, options), { shared, receiveBufferBytes });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }

  #receive(message: Buffer, from: RemoteInfo): void {
    const { responder, rate, now, statistics } = this.#options;
    const start = now();
    // Nobody listens at port 0, and sending there throws.
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
    for (let taken = 0; taken < MOST_BATCHES; taken++) {
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
    if (this.#waiting >= MOST_WAITING) {
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
