import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeControls } from './escape-controls.ts';

test.each([
  ['colours and cursor movements', '\x1b[2J\x1b[31mred', '\\x1b[2J\\x1b[31mred'],
  ['line ends, which could start a forged line', 'a\r\nb\tc', 'a\\r\\nb\\tc'],
  ['the bell, and a null', '\x07\0', '\\x07\\x00'],
  ['DEL and C1, which start sequences, too', '\x7f\x9b31m\x85', '\\u007f\\u009b31m\\u0085'],
  ['nothing else', 'Größe → 日本 \\x1b', 'Größe → 日本 \\x1b'],
])('makes visible %s', (_what, text, visible) => {
  expect(escapeControls(text)).toBe(visible);
});

test('keeps the characters that the caller names', () => {
  expect(escapeControls('a\n\tb\x1b', '\n\t')).toBe('a\n\tb\\x1b');
});

test('leaves JSON the same data', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(text, value => {
      expect(JSON.parse(escapeControls(JSON.stringify({ value }, null, 2), '\n'))).toEqual({ value });
    }),
  );
  expect(JSON.parse(escapeControls(JSON.stringify('\x9b\x7f\x1b')))).toBe('\x9b\x7f\x1b');
});

test('makes characters that change the direction of text visible, and leaves them the same data in JSON', () => {
  const marks = '\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069';
  const visible = '\\u061c\\u200e\\u200f\\u202a\\u202b\\u202c\\u202d\\u202e\\u2066\\u2067\\u2068\\u2069';
  expect(escapeControls(`a${marks}b`)).toBe(`a${visible}b`);
  expect(JSON.parse(escapeControls(JSON.stringify(marks)))).toBe(marks);
  // Text in Arabic or Hebrew has a direction of its own.
  expect(escapeControls('\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627')).toBe(
    '\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627',
  );
});
