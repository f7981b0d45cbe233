/**
 * Receives and sends many datagrams in one system call (recvmmsg, sendmmsg), beside a socket of Node's. A datagram costs
 * Node about 18 us; more than half of that are callbacks, an object for its sender, and a system call each way, and a
 * server with small responses does little else. 64-bit Linux only; elsewhere the Node socket does everything.
 *
 * @module
 */

import ipaddr from 'ipaddr.js';
import { libc } from './libc.ts';

/** linux/socket.h, asm-generic/socket.h */
const AF_INET = 2;
const AF_INET6 = 10;
const MSG_DONTWAIT = 0x40;

/** Longer datagrams are truncated; no DNS query is longer. */
const MAX_IN_BYTES = 4096;
const MAX_OUT_BYTES = 1280;
/** Datagrams per system call. */
const SLOTS = 64;

/** Size of struct sockaddr_in6, the longest address of a sender. */
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

/** Whether the structures of this machine are those above. */
export function hasDatagramBatches(): boolean {
  return process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64');
}

/** Receives and answers the datagrams that wait at a socket. Every `receive` reuses the slots. */
export class DatagramBatch {
  /** The maximum number of datagrams that `receive` returns. */
  static readonly SLOTS = SLOTS;
  readonly #api = libc();
  readonly #fd: number;
  /** Headers and vectors for receiving and for sending, addresses of senders, datagrams in and out. */
  readonly #memory = Buffer.allocUnsafeSlow(END).fill(0);
  readonly #address: bigint;
  #received = 0;
  /** Slots that hold a response. */
  readonly #answered = new Uint8Array(SLOTS);

  constructor(fd: number) {
    this.#fd = fd;
    // Moving zero bytes returns the address. It is stable: the memory of such a Buffer is outside of the collected heap.
    this.#address = this.#api.memmove(this.#memory, this.#memory, 0);
    for (let slot = 0; slot < SLOTS; slot++) {
      this.#link(slot, IN_HEADERS, IN_VECTORS, IN_BYTES + slot * MAX_IN_BYTES, MAX_IN_BYTES);
      this.#link(slot, OUT_HEADERS, OUT_VECTORS, OUT_BYTES + slot * MAX_OUT_BYTES, 0);
    }
  }

  /** Receives the datagrams that wait, without blocking. @returns their number; slots 0 up to it hold them */
  receive(): number {
    for (let slot = 0; slot < this.#received; slot++) {
      this.#memory.writeUInt32LE(NAME, IN_HEADERS + slot * HEADER + HEADER_NAME_LENGTH);
    }
    const count = this.#api.recvmmsg(this.#fd, this.#address + BigInt(IN_HEADERS), SLOTS, MSG_DONTWAIT, null);
    this.#received = Math.max(0, count);
    this.#answered.fill(0, 0, this.#received);
    return this.#received;
  }

  /** The datagram of a slot; the next `receive` overwrites it. */
  message(slot: number): Buffer {
    const start = IN_BYTES + slot * MAX_IN_BYTES;
    return this.#memory.subarray(start, start + this.#memory.readUInt32LE(IN_HEADERS + slot * HEADER + HEADER_LENGTH));
  }

  /** The sender of the datagram of a slot. */
  sender(slot: number): { readonly address: string; readonly port: number } {
    const start = NAMES + slot * NAME_ROOM;
    const v6 = this.#memory.readUInt16LE(start) === AF_INET6;
    const bytes = v6 ? this.#memory.subarray(start + 8, start + 24) : this.#memory.subarray(start + 4, start + 8);
    return { address: ipaddr.fromByteArray([...bytes]).toString(), port: this.#memory.readUInt16BE(start + 2) };
  }

  /** The sender as the kernel's structure, with its interface, for a response that is sent later. */
  returnAddress(slot: number): Buffer {
    const start = NAMES + slot * NAME_ROOM;
    const length = this.#memory.readUInt32LE(IN_HEADERS + slot * HEADER + HEADER_NAME_LENGTH);
    return Buffer.from(this.#memory.subarray(start, start + length));
  }

  /** Sends one datagram. Do not call it after the socket is closed: the descriptor may belong to another file by then. */
  send(bytes: Buffer, to: Buffer): void {
    this.#api.sendto(this.#fd, bytes, bytes.length, MSG_DONTWAIT, to, to.length);
  }

  /** Whether the sender is on IPv4 loopback, without formatting its address. */
  isFromLoopback(slot: number): boolean {
    const start = NAMES + slot * NAME_ROOM;
    return this.#memory.readUInt16LE(start) === AF_INET && this.#memory[start + 4] === 127;
  }

  /** Stores the response to a slot's sender for `flush`. @returns whether it fits */
  answer(slot: number, bytes: Uint8Array): boolean {
    if (bytes.length > MAX_OUT_BYTES) return false;
    this.#memory.set(bytes, OUT_BYTES + slot * MAX_OUT_BYTES);
    this.#memory.writeUInt32LE(bytes.length, OUT_VECTORS + slot * VECTOR + 8);
    const length = this.#memory.readUInt32LE(IN_HEADERS + slot * HEADER + HEADER_NAME_LENGTH);
    this.#memory.writeUInt32LE(length, OUT_HEADERS + slot * HEADER + HEADER_NAME_LENGTH);
    this.#answered[slot] = 1;
    return true;
  }

  /** Sends the responses. Those that the kernel does not accept are lost, as datagrams may be; the clients retry. */
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
      // A response that cannot be sent blocks those behind it, so it is skipped.
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

/** Offsets in the memory of a batch. */
const IN_HEADERS = 0;
const OUT_HEADERS = IN_HEADERS + SLOTS * HEADER;
const IN_VECTORS = OUT_HEADERS + SLOTS * HEADER;
const OUT_VECTORS = IN_VECTORS + SLOTS * VECTOR;
const NAMES = OUT_VECTORS + SLOTS * VECTOR;
const IN_BYTES = NAMES + SLOTS * NAME_ROOM;
const OUT_BYTES = IN_BYTES + SLOTS * MAX_IN_BYTES;
const END = OUT_BYTES + SLOTS * MAX_OUT_BYTES;
