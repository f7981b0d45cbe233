import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTar } from './read-tar.ts';
import { type TarEntry, tarOf } from './tar.ts';

const name = fc.stringMatching(/^[a-zé0-9_.-]{1,90}$/).filter(text => text !== '.' && text !== '..');
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map(parts => parts.join('/'));
const entry: fc.Arbitrary<Exclude<TarEntry, { kind: 'stream' }>> = fc.oneof(
  fc.record({
    kind: fc.constant('file' as const),
    path,
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: fc.integer({ min: 0, max: 2 ** 31 }),
    gid: fc.integer({ min: 0, max: 2 ** 31 }),
    content: fc.uint8Array({ maxLength: 2000 }).map(bytes => Buffer.from(bytes)),
  }),
  fc.record({
    kind: fc.constant('directory' as const),
    path,
    mode: fc.constant(0o755),
    uid: fc.constant(0),
    gid: fc.constant(0),
  }),
  fc.record({
    kind: fc.constant('symlink' as const),
    path,
    mode: fc.constant(0o777),
    uid: fc.constant(0),
    gid: fc.constant(0),
    target: path,
  }),
);

async function* cut(data: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let turn = 0; at < data.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield data.subarray(at, at + size);
    at += size;
  }
}

describe('tar archives', () => {
  it('are read as they were written, wherever the stream is cut', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 5 }), sizes, async (entries, cuts) => {
        expect(await readTar(cut(await tarOf(entries), cuts), 100_000)).toEqual(entries);
      }),
    );
  });

  it('are refused if they are larger than expected, or end too early', async () => {
    const archive = await tarOf([{ kind: 'file', path: 'a', mode: 0o644, content: Buffer.alloc(1000) }]);
    await expect(readTar(cut(archive, [512]), 999)).rejects.toThrow('more than 999 bytes');
    await expect(readTar(cut(archive.subarray(0, 1000), [512]), 5000)).rejects.toThrow('ends within a file');
  });
});
