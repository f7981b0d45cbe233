import type { ServerResponse } from 'node:http';

/** Writes in the order in which it was asked to, slowly if it is told so: nothing overtakes what is on its way. */
export class Writer {
  readonly #bytesAtATime: () => number;
  #written: Promise<void> = Promise.resolve();

  /** @param bytesAtATime bytes a turn of the event loop; 0: as much as there is */
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

  /** Does something when all that was written before is out. */
  after(step: () => void): void {
    this.#written = this.#written.then(() => new Promise(resolve => setImmediate(resolve))).then(step);
  }
}
