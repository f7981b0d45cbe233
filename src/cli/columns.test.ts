import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columns } from './columns.ts';

describe('a table', () => {
  test.each<[what: string, headers: string[], rows: string[][], expected: string]>([
    ['has three spaces between columns', ['A', 'B'], [['long', 'x']], 'A      B\nlong   x\n'],
    [
      'does not pad the last column',
      ['A', 'B'],
      [
        ['a', 'long'],
        ['a', 'x'],
      ],
      'A   B\na   long\na   x\n',
    ],
    ['omits a column that is empty in every row', ['A', 'B', 'C'], [['a', '', 'c']], 'A   C\na   c\n'],
    [
      'keeps a column that is empty in some rows',
      ['A', 'B', 'C'],
      [
        ['a', '', 'c'],
        ['a', 'b', 'c'],
      ],
      'A   B   C\na       c\na   b   c\n',
    ],
    ['keeps the first column even if it is empty', ['A', 'B'], [['', 'b']], 'A   B\n    b\n'],
    ['is empty without rows', ['A', 'B'], [], ''],
    [
      'has no spaces at the end of a line',
      ['A', 'B'],
      [
        ['a', ''],
        ['a', 'b'],
      ],
      'A   B\na\na   b\n',
    ],
  ])('%s', (_what, headers, rows, expected) => {
    expect(columns(headers, rows)).toBe(expected);
  });

  test('shows control characters of cells, so that no cell rewrites the terminal or starts a row', () => {
    expect(columns(['A', 'B'], [['\x1b[2Ja', 'b\r\nc']])).toBe('A          B\n\\x1b[2Ja   b\\r\\nc\n');
  });

  test('prints rows only, as wide as they need, without headers', () => {
    expect(columns(['LONG HEADER', 'B'], [['a', 'b']], false)).toBe('a   b\n');
    expect(columns(['A'], [], false)).toBe('');
  });
});

test('splitting a line at spaces returns its cells', () => {
  const cell = fc.stringMatching(/^[a-z0-9:/.-]{1,12}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 1 }), rows => {
      const lines = columns(['A', 'B', 'C'], rows).trimEnd().split('\n');
      expect(lines.slice(1).map(line => line.split(/ {3,}/))).toEqual(rows);
      expect(lines.every(line => !line.endsWith(' '))).toBe(true);
    }),
  );
});
