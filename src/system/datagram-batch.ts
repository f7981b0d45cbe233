/**
 * Many datagrams in one call of the system (recvmmsg, sendmmsg), beside a socket of Node's. A datagram costs Node about
 * 18 us, of which more than half are callbacks, objects for its sender, and a call each way; a server with small answers
 * does little else. Linux, 64 bits; elsewhere there is none, and the socket works by itself.
 *
 * @module
 */

import ipaddr from 'ipaddr.js';
import { libc } from './libc.ts';

/** linux/socket.h, asm-generic/socket.h */
const AF_INET = 2;
const AF_INET6 = 10;
const MSG_DONTWAIT = 0x40;

/** A datagram that is longer is cut: no question is. */
const LONGEST_IN = 4096;
const LONGEST_OUT = 1280;
/** Datagrams of one call. */
const SLOTS = 64;

/** struct sockaddr_in6, the longest sender. */
const NAME = 28;
const NAME_ROOM = 32;
/** struct iovec: base, length. */
const VECTOR = 16;
/** struct mmsghdr: name, its length, vectors, their number, control data, flags; then the datagram's length. */
const HEADER = 64;
const HEADER_NAME_LENGTH = 8;
const HEADER_VECTORS = 16;
const HEADER_VECTOR_COUNT = 24;
const HEADER_LENGTH = 56;

/** Whether this machine's structures are the ones above. */
export function hasDatagramBatches(): boolean {
  return process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64');
}

/** Takes and answers what waits at a socket. The slots are used again by every `receive`. */
export class DatagramBatch {
  /** Datagrams that `receive` takes at most. */
  static readonly SLOTS = SLOTS;
  readonly #api = libc();
  readonly #fd: number;
  /** Headers and vectors to receive with, the same to send with, senders, datagrams in and out. */
  readonly #memory = Buffer.allocUnsafeSlow(END).fill(0);
  readonly #address: bigint;
  #received = 0;
  /** Slots that have an answer. */
  readonly #answered = new Uint8Array(SLOTS);

  constructor(fd: number) {
    this.#fd = fd;
    // Moving no bytes gives the address. It stays: the memory of a Buffer of its own is outside of the collected heap.
    this.#address = this.#api.memmove(this.#memory, this.#memory, 0);
    for (let slot = 0; slot < SLOTS; slot++) {
      this.#link(slot, IN_HEADERS, IN_VECTORS, IN_BYTES + slot * LONGEST_IN, LONGEST_IN);
      this.#link(slot, OUT_HEADERS, OUT_VECTORS, OUT_BYTES + slot * LONGEST_OUT, 0);
    }
  }

  /** Takes datagrams that are there, without waiting. @returns how many: slots 0 up to it hold one */
  receive(): number {
    for (let slot = 0; slot < this.#received; slot++) {
      this.#memory.writeUInt32LE(NAME, IN_HEADERS + slot * HEADER + HEADER_NAME_LENGTH);
    }
    const count = this.#api.recvmmsg(this.#fd, this.#address + BigInt(IN_HEADERS), SLOTS, MSG_DONTWAIT, null);
    this.#received = Math.max(0, count);
    this.#answered.fill(0, 0, this.#received);
    return this.#received;
  }

  /** The datagram of a slot; it is overwritten by the next `receive`. */
  message(slot: number): Buffer {
    const start = IN_BYTES + slot * LONGEST_IN;
    return this.#memory.subarray(start, start + this.#memory.readUInt32LE(IN_HEADERS + slot * HEADER + HEADER_LENGTH));
  }

  /** Who sent it. */
  sender(slot: number): { readonly address: string; readonly port: number } {
    const start = NAMES + slot * NAME_ROOM;
    const v6 = this.#memory.readUInt16LE(start) === AF_INET6;
    const bytes = v6 ? this.#memory.subarray(start + 8, start + 24) : this.#memory.subarray(start + 4, start + 8);
    return { address: ipaddr.fromByteArray([...bytes]).toString(), port: this.#memory.readUInt16BE(start + 2) };
  }

  /** The sender as the system has it, its interface included; for an answer that comes later. */
  returnAddress(slot: number): Buffer {
    const start = NAMES + slot * NAME_ROOM;
    const length = this.#memory.readUInt32LE(IN_HEADERS + slot * HEADER + HEADER_NAME_LENGTH);
    return Buffer.from(this.#memory.subarray(start, start + length));
  }

  /** Sends one datagram. Not to be called when the socket is closed: its number may be another's by then. */
  send(bytes: Buffer, to: Buffer): void {
    this.#api.sendto(this.#fd, bytes, bytes.length, MSG_DONTWAIT, to, to.length);
  }

  /** Whether the sender is on IPv4 loopback, without the cost of its text. */
  isFromLoopback(slot: number): boolean {
    const start = NAMES + slot * NAME_ROOM;
    return this.#memory.readUInt16LE(start) === AF_INET && this.#memory[start + 4] === 127;
  }

  /** Keeps an answer to a slot's sender for `flush`. @returns whether it fits a slot */
  answer(slot: number, bytes: Uint8Array): boolean {
    if (bytes.length > LONGEST_OUT) return false;
    this.#memory.set(bytes, OUT_BYTES + slot * LONGEST_OUT);
    this.#memory.writeUInt32LE(bytes.length, OUT_VECTORS + slot * VECTOR + 8);
    const length = this.#memory.readUInt32LE(IN_HEADERS + slot * HEADER + HEADER_NAME_LENGTH);
    this.#memory.writeUInt32LE(length, OUT_HEADERS + slot * HEADER + HEADER_NAME_LENGTH);
    this.#answered[slot] = 1;
    return true;
  }

  /** Sends the answers. What the system does not take is lost, as datagrams are; their askers ask again. */
  flush(): void {
    let slot = 0;
    while (slot < this.#received) {
      if (this.#answered[slot] === 0) {
        slot++;
        continue;
      }
      let end = slot + 1;
      while (end < this.#received && this.#answered[end] === 1) end++;
      const headers = this.#address + BigInt(OUT_HEADERS + slot * HEADER);
      const sent = this.#api.sendmmsg(this.#fd, headers, end - slot, MSG_DONTWAIT);
      // One that cannot be sent holds up those behind it.
      slot += Math.max(1, sent);
    }
  }

  #link(slot: number, headers: number, vectors: number, bytes: number, length: number): void {
    const header = headers + slot * HEADER;
    const vector = vectors + slot * VECTOR;
    this.#memory.writeBigUInt64LE(this.#address + BigInt(NAMES + slot * NAME_ROOM), header);
    this.#memory.writeUInt32LE(NAME, header + HEADER_NAME_LENGTH);
    this.#memory.writeBigUInt64LE(this.#address + BigInt(vector), header + HEADER_VECTORS);
    this.#memory.writeUInt32LE(1, header + HEADER_VECTOR_COUNT);
    this.#memory.writeBigUInt64LE(this.#address + BigInt(bytes), vector);
    this.#memory.writeUInt32LE(length, vector + 8);
  }
}

/** Where things stand in a batch's memory. */
const IN_HEADERS = 0;
const OUT_HEADERS = IN_HEADERS + SLOTS * HEADER;
const IN_VECTORS = OUT_HEADERS + SLOTS * HEADER;
const OUT_VECTORS = IN_VECTORS + SLOTS * VECTOR;
const NAMES = OUT_VECTORS + SLOTS * VECTOR;
const IN_BYTES = NAMES + SLOTS * NAME_ROOM;
const OUT_BYTES = IN_BYTES + SLOTS * LONGEST_IN;
const END = OUT_BYTES + SLOTS * LONGEST_OUT;
