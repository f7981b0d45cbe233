import { align, HEADER, NESTED } from './netlink.ts';

const DEFAULT_BYTES = 16 * 1024;
const MAX_KEPT_BYTES = 256 * 1024;

/**
 * Writes messages one after another into one growing buffer: a batch of 100,000 elements as separate small buffers
 * would cost more than the kernel's work on it.
 */
export class MessageWriter {
  #buffer = Buffer.allocUnsafe(DEFAULT_BYTES);
  #at = 0;

  /** Discards the content. Keeps the buffer for reuse, unless it has grown far beyond its usual size. */
  clear(): void {
    this.#at = 0;
    if (this.#buffer.length > MAX_KEPT_BYTES) this.#buffer = Buffer.allocUnsafe(DEFAULT_BYTES);
  }

  get length(): number {
    return this.#at;
  }

  /** The content; valid until the next write. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  /** Begins a message. @returns the handle for `endMessage` */
  beginMessage(type: number, flags: number, sequence: number): number {
    const start = this.#at;
    this.#room(HEADER);
    this.#buffer.fill(0, start, start + HEADER);
    this.#buffer.writeUInt16LE(type, start + 4);
    this.#buffer.writeUInt16LE(flags, start + 6);
    this.#buffer.writeUInt32LE(sequence, start + 8);
    this.#at += HEADER;
    return start;
  }

  endMessage(start: number): void {
    this.#buffer.writeUInt32LE(this.#at - start, start);
  }

  /** Begins an attribute. @returns the handle for `endAttribute` */
  beginAttribute(type: number): number {
    const start = this.#at;
    this.#room(4);
    this.#buffer.writeUInt16LE(type, start + 2);
    this.#at += 4;
    return start;
  }

  /** Begins a nested attribute. */
  beginNested(type: number): number {
    return this.beginAttribute(type | NESTED);
  }

  endAttribute(start: number): void {
    this.#buffer.writeUInt16LE(this.#at - start, start);
    const end = start + align(this.#at - start);
    this.#room(4);
    this.#buffer.fill(0, this.#at, end);
    this.#at = end;
  }

  /** Reserves zeroed bytes, which the caller fills from `at` of `buffer`. */
  reserve(length: number): { readonly buffer: Buffer; readonly at: number } {
    this.#room(length);
    const at = this.#at;
    this.#buffer.fill(0, at, at + length);
    this.#at += length;
    return { buffer: this.#buffer, at };
  }

  append(bytes: Buffer): void {
    this.#room(bytes.length);
    bytes.copy(this.#buffer, this.#at);
    this.#at += bytes.length;
  }

  #room(length: number): void {
    if (this.#at + length <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + length));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}
