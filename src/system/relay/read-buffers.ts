/** A pool of read buffers: a new buffer for each connection would cost more than dialing. */
export class ReadBuffers {
  readonly #bytes: number;
  readonly #keep: number;
  readonly #free: Uint8Array[] = [];

  /** `keep`: the maximum number of unused buffers. */
  constructor(bytes: number, keep: number) {
    this.#bytes = bytes;
    this.#keep = keep;
  }

  /** The content is undefined. Pages that are never written take no memory. */
  take(): Uint8Array {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#bytes);
  }

  give(buffer: Uint8Array): void {
    if (this.#free.length < this.#keep) this.#free.push(buffer);
  }
}
