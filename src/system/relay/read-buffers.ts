/** Buffers to read into, handed from one connection to the next: a new one for each would cost more than to dial. */
export class ReadBuffers {
  readonly #bytes: number;
  readonly #keep: number;
  readonly #free: Uint8Array[] = [];

  /** `keep`: how many are held while nobody needs them. */
  constructor(bytes: number, keep: number) {
    this.#bytes = bytes;
    this.#keep = keep;
  }

  /** Its content is anybody's. What is never written to takes no memory from the system, page by page. */
  take(): Uint8Array {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#bytes);
  }

  give(buffer: Uint8Array): void {
    if (this.#free.length < this.#keep) this.#free.push(buffer);
  }
}
