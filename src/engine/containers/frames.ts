/** A piece of a container's output, as the engine read it from the program. */
export interface OutputFrame {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Buffer;
}

const HEADER_BYTES = 8;
/** Larger frames come from no engine; the stream is then something else. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/**
 * Splits the multiplexed output of logs and exec: frames of `{stream, 0, 0, 0, size as 4 bytes}` and the data, which chunks
 * of HTTP may cut anywhere.
 */
export async function* outputFrames(stream: AsyncIterable<Buffer>): AsyncGenerator<OutputFrame> {
  let parts: Buffer[] = [];
  let have = 0;
  let need = HEADER_BYTES;
  for await (const chunk of stream) {
    parts.push(chunk);
    have += chunk.length;
    if (have < need) continue;
    let data = parts.length === 1 ? chunk : Buffer.concat(parts);
    while (data.length >= HEADER_BYTES) {
      const type = data.readUInt8(0);
      const size = data.readUInt32BE(4);
      if (type > 2 || size > MAX_FRAME_BYTES) throw new Error('the output of the container is not multiplexed');
      need = HEADER_BYTES + size;
      if (data.length < need) break;
      yield { stream: type === 2 ? 'stderr' : 'stdout', data: data.subarray(HEADER_BYTES, need) };
      data = data.subarray(need);
      need = HEADER_BYTES;
    }
    parts = data.length === 0 ? [] : [data];
    have = data.length;
  }
}

/** One line of a container's log. */
export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  /** When the engine read it: RFC 3339 with nanoseconds. */
  readonly time: string;
  readonly text: string;
}

/** A line without end must not fill the memory; it is cut here. */
const MAX_LINE_BYTES = 1024 * 1024;

interface OpenLine {
  time: string;
  parts: Buffer[];
  bytes: number;
}

/**
 * Joins the frames of a log to lines, each stream for itself. Engines cut lines of more than 16 KiB into several frames and
 * start every frame with its time.
 */
export async function* logLines(frames: AsyncIterable<OutputFrame>): AsyncGenerator<LogLine> {
  const open = { stdout: emptyLine(), stderr: emptyLine() };
  for await (const { stream, data } of frames) {
    const { time, text } = splitTime(data);
    let line = open[stream];
    let rest = text;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      append(line, time, rest.subarray(0, end));
      yield closed(stream, line);
      line = emptyLine();
      rest = rest.subarray(end + 1);
    }
    append(line, time, rest);
    if (line.bytes > MAX_LINE_BYTES) {
      yield closed(stream, line);
      line = emptyLine();
    }
    open[stream] = line;
  }
  for (const stream of ['stdout', 'stderr'] as const) if (open[stream].bytes > 0) yield closed(stream, open[stream]);
}

function emptyLine(): OpenLine {
  return { time: '', parts: [], bytes: 0 };
}

function append(line: OpenLine, time: string, data: Buffer): void {
  if (line.time === '') line.time = time;
  if (data.length === 0) return;
  line.parts.push(data);
  line.bytes += data.length;
}

function closed(stream: LogLine['stream'], { time, parts }: OpenLine): LogLine {
  return { stream, time, text: Buffer.concat(parts).toString('utf8').replace(/\r$/, '') };
}

function splitTime(data: Buffer): { time: string; text: Buffer } {
  const blank = data.indexOf(' ');
  const time = blank < 0 ? '' : data.toString('latin1', 0, blank);
  return /^\d{4}-\d\d-\d\dT/.test(time) ? { time, text: data.subarray(blank + 1) } : { time: '', text: data };
}
