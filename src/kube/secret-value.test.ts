import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { bytesOfBase64, canonicalBase64 } from './base64.ts';
import { SecretValue } from './secret-value.ts';

const VALUE = SecretValue.ofText('pässword');

test('shows its value only when it is asked for it', () => {
  const shown = [
    String(VALUE),
    `${VALUE}`,
    JSON.stringify({ VALUE }),
    inspect({ VALUE }),
    inspect(VALUE),
    `${[VALUE]}`,
  ];
  for (const text of shown) {
    expect(text).toContain('[secret]');
    expect(text).not.toContain('ssword');
  }
  expect(Object.keys(VALUE)).toEqual([]);
  expect(VALUE.text()).toBe('pässword');
  expect(new TextDecoder().decode(VALUE.bytes())).toBe('pässword');
});

test('a caller cannot change it', () => {
  VALUE.bytes().fill(0);
  expect(VALUE.text()).toBe('pässword');
});

test.each<[string, string | undefined]>([
  ['', ''],
  ['YQ==', 'a'],
  ['YW\nI=\r\n', 'ab'],
  ['YQ', undefined],
  ['YQ=', undefined],
  [' YQ==', undefined],
  ['Y-==', undefined],
  ['YQ==YQ==', undefined],
])('decodes base64 %j', (text, expected) => {
  const bytes = bytesOfBase64(text);
  expect(bytes === undefined ? undefined : new TextDecoder().decode(bytes)).toBe(expected);
});

test('decodes large values, and finds a fault at their end', () => {
  const text = 'QUJD'.repeat(300_000);
  expect(bytesOfBase64(text)?.length).toBe(900_000);
  expect(bytesOfBase64(`${text}Q`)).toBeUndefined();
  expect(bytesOfBase64(`${text.slice(0, 39_996)}YQ==${text}`)).toBeUndefined();
});

test('writes base64 as the API does', () => {
  expect(canonicalBase64('YR\n==')).toBe('YQ==');
});
