import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineSplitter } from './log-lines.ts';

const MAX = 16_384;

function split(...parts: readonly string[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter(line => lines.push(line));
  for (const part of parts) splitter.push(part);
  splitter.end();
  return lines;
}

describe('lines', () => {
  test.each<[what: string, parts: string[], lines: string[]]>([
    ['end with a line feed', ['one\ntwo\n'], ['one', 'two']],
    ['may be empty', ['one\n\ntwo\n'], ['one', '', 'two']],
    ['may come in parts', ['o', 'ne\nt', 'wo\n'], ['one', 'two']],
    ['may end with a carriage return and a line feed', ['one\r\ntwo\r', '\n'], ['one', 'two']],
    ['keep a carriage return that ends none', ['10%\r20%\n'], ['10%\r20%']],
    ['count without an end, too', ['one\ntwo'], ['one', 'two']],
    ['are none without output', [''], []],
  ])('%s', (_what, parts, lines) => {
    expect(split(...parts)).toEqual(lines);
  });

  test('that are too long are split', () => {
    const lines = split('x'.repeat(MAX * 2), 'x\nnext\n');
    expect(lines.map(line => line.length)).toEqual([MAX, MAX, 1, 4]);
  });

  test('that are too long and arrive in one piece are split in the same way', () => {
    const lines = split(`${'x'.repeat(MAX * 2 + 1)}\nnext\n`);
    expect(lines.map(line => line.length)).toEqual([MAX, MAX, 1, 4]);
  });

  test('are not repeated after the end', () => {
    const lines: string[] = [];
    const splitter = new LineSplitter(line => lines.push(line));
    splitter.push('one');
    splitter.end();
    splitter.end();
    expect(lines).toEqual(['one']);
  });
});

test('the lines do not depend on how the text is split into parts', () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\r', 'x'.repeat(MAX / 2 + 1)), maxLength: 8 });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), parts => {
      const text = parts.map(p => p.replaceAll('\r', ''));
      expect(split(...text)).toEqual(split(text.join('')));
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', '\n', '\r') })), parts => {
      expect(split(...parts)).toEqual(split(parts.join('')));
    }),
  );
});
