import { ApiError } from './api-error.ts';

const NEWLINE = 0x0a;
/** An object is at most 1.5 MB in etcd; a far longer line is not an object and must not fill the memory. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/**
 * Splits a byte stream into JSON values, one a line. Joins the bytes of a line before decoding them, since a chunk may
 * end in the middle of a UTF-8 sequence.
 */
export class JsonLines {
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  /**
   * Returns the values that this chunk completes.
   *
   * @throws ApiError `garbage` for a line that is not JSON or too long
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
    if (this.#pendingBytes > MAX_LINE_BYTES) throw new ApiError('garbage', 'a line of the stream is too long');
    this.#pending.push(rest);
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new ApiError('garbage', `the stream contains a line that is not JSON: ${JSON.stringify(line.slice(0, 60))}`, {
      cause: error,
    });
  }
}
