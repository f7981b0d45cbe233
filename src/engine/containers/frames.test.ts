import { describe, expect, it } from 'vitest';
import { type LogLine, logLines, outputFrames } from './frames.ts';

function frame(type: number, text: string): Buffer {
  const data = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(type, 0);
  header.writeUInt32BE(data.length, 4);
  return Buffer.concat([header, data]);
}

async function* cut(data: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}

async function linesOf(data: Buffer, size: number): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of logLines(outputFrames(cut(data, size)))) lines.push(line);
  return lines;
}

const TIME = '2026-12-01T04:00:00.123456789Z';

describe('the output of a container', () => {
  const data = Buffer.concat([
    frame(1, `${TIME} one\n`),
    frame(2, `${TIME} oops é\r\n`),
    frame(1, `${TIME} long `),
    frame(2, `${TIME} other\n`),
    frame(1, `${TIME} line\n`),
    frame(1, ''),
    frame(1, `${TIME} \n`),
    frame(1, `${TIME} no end`),
  ]);

  it.each([1, 3, 7, 8, 9, 64, 10_000])('is split into lines when the stream is cut every %i bytes', async size => {
    expect(await linesOf(data, size)).toEqual([
      { stream: 'stdout', time: TIME, text: 'one' },
      { stream: 'stderr', time: TIME, text: 'oops é' },
      { stream: 'stderr', time: TIME, text: 'other' },
      { stream: 'stdout', time: TIME, text: 'long line' },
      { stream: 'stdout', time: TIME, text: '' },
      { stream: 'stdout', time: TIME, text: 'no end' },
    ]);
  });

  it('is refused if it has no frames', async () => {
    await expect(linesOf(Buffer.from('plain text without frames'), 100)).rejects.toThrow('not multiplexed');
  });
});
