import type { ServerResponse } from 'node:http';

/** Writes in order, slowly if `bytesAtATime` says so: nothing overtakes an earlier write. */
export class Writer {
  readonly #bytesAtATime: () => number;
  #written: Promise<void> = Promise.resolve();

  /** @param bytesAtATime bytes for each turn of the event loop; 0: everything at once */
  constructor(bytesAtATime: () => number) {
    this.#bytesAtATime = bytesAtATime;
  }

  write(response: ServerResponse, text: string | Buffer): void {
    const bytes = Buffer.from(text);
    const size = this.#bytesAtATime() || bytes.length;
    for (let start = 0; start < bytes.length; start += size) {
      this.after(() => response.write(bytes.subarray(start, start + size)));
    }
  }

  /** Calls back once everything that was written before has been sent. */
  after(step: () => void): void {
    this.#written = this.#written.then(() => new Promise(resolve => setImmediate(resolve))).then(step);
  }
}
