import { RequestFailure } from './failure.ts';

const NEWLINE = 0x0a;
/** An object is at most 1.5 MB in etcd; a line far beyond that is no object, and must not fill the memory. */
const MOST_LINE_BYTES = 64 * 1024 * 1024;

/**
 * Cuts a stream of bytes into JSON values, one a line. Bytes are put together before they become text, so that a
 * letter that is cut in two by the network stays one.
 */
export class JsonLines {
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  /**
   * The values that are complete with this chunk.
   *
   * @throws RequestFailure `garbage` for a line that is no JSON, or endless
   */
  push(chunk: Buffer): unknown[] {
    const values: unknown[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const line = this.#complete(chunk.subarray(start, end));
      start = end + 1;
      if (line.trim() !== '') values.push(parse(line));
    }
    this.#keep(chunk.subarray(start));
    return values;
  }

  #complete(last: Buffer): string {
    if (this.#pending.length === 0) return last.toString('utf8');
    const line = Buffer.concat([...this.#pending, last]).toString('utf8');
    this.#pending = [];
    this.#pendingBytes = 0;
    return line;
  }

  #keep(rest: Buffer): void {
    if (rest.length === 0) return;
    this.#pendingBytes += rest.length;
    if (this.#pendingBytes > MOST_LINE_BYTES) throw new RequestFailure('garbage', 'a line of the stream has no end');
    this.#pending.push(rest);
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new RequestFailure('garbage', `the stream holds what is no JSON: ${JSON.stringify(line.slice(0, 60))}`, {
      cause: error,
    });
  }
}
