import type { Socket } from 'node:net';

/**
 * Reads a handshake from a client, field by field, however its bytes arrive. One listener for the whole handshake: a
 * `readable` listener that is added for each field fires again at once while a part of the field waits, for ever.
 */
export class ByteReader {
  readonly #client: Socket;
  #held: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => undefined;
  readonly #onData = (chunk: Buffer): void => {
    this.#held = Buffer.concat([this.#held, chunk]);
    this.#wake();
  };
  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#wake();
  };

  constructor(client: Socket) {
    this.#client = client;
    client.on('data', this.#onData);
    client.on('end', this.#onEnd);
    client.on('close', this.#onEnd);
    client.resume();
  }

  /** Reads exactly this many bytes. @throws Error if the client ends before */
  async read(length: number): Promise<Buffer> {
    while (this.#held.length < length) {
      if (this.#ended) throw new Error('the client closed the connection');
      await new Promise<void>(done => {
        this.#wake = done;
      });
    }
    const bytes = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return bytes;
  }

  /** Ends the handshake: the client is paused, and what it sent beyond the handshake is its next data. */
  release(): void {
    this.#client.off('data', this.#onData);
    this.#client.off('end', this.#onEnd);
    this.#client.off('close', this.#onEnd);
    this.#client.pause();
    if (this.#held.length > 0 && !this.#ended) this.#client.unshift(this.#held);
  }
}
