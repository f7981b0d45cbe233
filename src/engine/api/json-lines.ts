import { isRecord, parseJson } from '../../data/index.ts';

/** A line longer than this is not part of any stream of an engine. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;

/** Reads a stream of JSON objects, one per line, as pulls, builds and events send them. Skips what is not an object. */
export async function* jsonLines(stream: AsyncIterable<Buffer>): AsyncGenerator<Readonly<Record<string, unknown>>> {
  for await (const line of textLines(stream)) {
    const value = parseJson(line);
    if (isRecord(value)) yield value;
  }
}

async function* textLines(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    let data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10)) {
      // Cut at the line's end before decoding, so that no character is split.
      yield data.toString('utf8', 0, end);
      data = data.subarray(end + 1);
    }
    if (data.length > MAX_LINE_BYTES) throw new Error(`the engine sent a line of more than ${MAX_LINE_BYTES} bytes`);
    rest = data;
  }
  if (rest.length > 0) yield rest.toString('utf8');
}
