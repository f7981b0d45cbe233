import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writePayload } from './atomic-writer.ts';
import type { Payload } from './payload.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchboard-payload-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const NOW = new Date('2026-11-28T14:14:33.007Z');

function payload(files: Readonly<Record<string, string>>, mode = 0o644): Payload {
  return new Map(Object.entries(files).map(([path, text]) => [path, { bytes: Buffer.from(text), mode }]));
}

function visible(): string[] {
  return readdirSync(folder).filter(name => !name.startsWith('..'));
}

describe('B3: the files of a volume', () => {
  test('are in a dated folder, which ..data links to, and visible names link into it', () => {
    writePayload(folder, payload({ a: '1', 'sub/b': '2' }), NOW);
    expect(readlinkSync(join(folder, '..data'))).toBe('..2026_11_28_14_14_33.007');
    expect(readlinkSync(join(folder, 'a'))).toBe('..data/a');
    expect(readlinkSync(join(folder, 'sub'))).toBe('..data/sub');
    expect(readFileSync(join(folder, 'sub/b'), 'utf8')).toBe('2');
  });

  test('have their mode, whatever the umask is', () => {
    const before = process.umask(0o077);
    writePayload(folder, payload({ a: '1' }, 0o646), NOW);
    process.umask(before);
    expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o646);
    expect(statSync(join(folder, '..data')).mode & 0o777).toBe(0o755);
  });

  test('are written to a new folder, and the old one goes with the names that are gone', () => {
    writePayload(folder, payload({ a: '1', b: '2' }), NOW);
    expect(writePayload(folder, payload({ b: '3' }), NOW)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['..2026_11_28_14_14_33.008', '..data', 'b']);
  });

  test('are not written if they are the same', () => {
    writePayload(folder, payload({ a: '1' }), NOW);
    expect(writePayload(folder, payload({ a: '1' }), new Date())).toBe(false);
    expect(writePayload(folder, payload({ a: '1' }, 0o600), new Date())).toBe(true);
  });

  test('are those of the last payload, after any history', () => {
    const files = fc.dictionary(fc.constantFrom('a', 'b', 'c/d', 'c/e', 'f/g/h'), fc.constantFrom('1', '2', 'three'), {
      maxKeys: 5,
    });
    fc.assert(
      fc.property(fc.array(files, { minLength: 1, maxLength: 5 }), history => {
        for (const each of history) writePayload(folder, payload(each), NOW);
        const last = history.at(-1) ?? {};
        expect(visible().sort()).toEqual([...new Set(Object.keys(last).map(path => path.split('/')[0]))].sort());
        for (const [path, text] of Object.entries(last)) expect(readFileSync(join(folder, path), 'utf8')).toBe(text);
        expect(readdirSync(folder).filter(name => name.startsWith('..'))).toHaveLength(2);
      }),
      { numRuns: 50 },
    );
  });
});
