import { align, HEADER, NESTED } from './netlink.ts';

const USUAL_BYTES = 16 * 1024;
const MOST_KEPT_BYTES = 256 * 1024;

/**
 * Messages written one behind the other into one buffer that grows: a batch of 100,000 elements as so many small buffers
 * would cost more than the kernel's work on it.
 */
export class MessageWriter {
  #buffer = Buffer.allocUnsafe(USUAL_BYTES);
  #at = 0;

  /** Begins anew. The buffer is kept for the next time, unless it has grown far beyond what is usual. */
  clear(): void {
    this.#at = 0;
    if (this.#buffer.length > MOST_KEPT_BYTES) this.#buffer = Buffer.allocUnsafe(USUAL_BYTES);
  }

  get length(): number {
    return this.#at;
  }

  /** What was written; not to be used any more once something else is written. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  /** Begins a message. @returns what `endMessage` wants */
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

  /** Begins an attribute. @returns what `endAttribute` wants */
  beginAttribute(type: number): number {
    const start = this.#at;
    this.#room(4);
    this.#buffer.writeUInt16LE(type, start + 2);
    this.#at += 4;
    return start;
  }

  /** Begins an attribute that is made of attributes. */
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

  /** Room for bytes that the caller writes at `at` of `buffer`, zeroed. */
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
