import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonLines } from './json-lines.ts';
import { ListScanner } from './list-scanner.ts';
import { isAtMost, readWatchEvent } from './watch-event.ts';

/** Splits bytes at any position, as the network does, also within a UTF-8 sequence. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map(place => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

const places = fc.array(fc.nat(), { maxLength: 20 });
const object = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue());

describe('lines', () => {
  test('are the same for any split into chunks', () => {
    fc.assert(
      fc.property(fc.array(object), places, (values, at) => {
        const lines = new JsonLines();
        const bytes = Buffer.from(values.map(value => `${JSON.stringify(value)}\n`).join(''));
        expect(cut(bytes, at).flatMap(chunk => lines.push(chunk))).toEqual(values.map(plain));
      }),
    );
  });

  test('without an end do not fill the memory', () => {
    const lines = new JsonLines();
    const chunk = Buffer.alloc(16 * 1024 * 1024, 'x');
    expect(() => [1, 2, 3, 4, 5].map(() => lines.push(chunk))).toThrow('a line of the stream is too long');
  });
});

describe('lists', () => {
  test('are the same for any split into chunks', () => {
    fc.assert(
      fc.property(fc.array(object), object, places, fc.constantFrom(0, 2), (items, metadata, at, indent) => {
        const list = { kind: 'List', metadata, items, after: [] };
        const found: unknown[] = [];
        const scanner = new ListScanner(item => found.push(item));
        for (const chunk of cut(Buffer.from(JSON.stringify(list, null, indent)), at)) scanner.push(chunk);
        expect(scanner.end()).toEqual(plain({ ...list, items: [] }));
        expect(found).toEqual(items.map(plain));
      }),
    );
  });

  test.each(['', '{"items":[{"a":1}', '{"items":[{"a":1}}', '<html>'])('that are invalid: %j', text => {
    const scanner = new ListScanner(() => undefined);
    expect(() => {
      scanner.push(Buffer.from(text));
      scanner.end();
    }).toThrow('the list is not JSON');
  });

  test('without items', () => {
    const scanner = new ListScanner(() => expect.fail('an item'));
    scanner.push(Buffer.from('{"metadata":{"resourceVersion":"7"},"items":null}'));
    expect(scanner.end()).toEqual({ metadata: { resourceVersion: '7' }, items: null });
  });
});

test('compares versions as numbers of any length', () => {
  expect(isAtMost('9', '10')).toBe(true);
  expect(isAtMost('10', '9')).toBe(false);
  expect(isAtMost('90071992547409930', '90071992547409931')).toBe(true);
  expect(isAtMost('x', 'x')).toBe(true);
  expect(isAtMost('a', 'b')).toBe(false);
});

test.each([
  [{ type: 'ERROR', object: { code: 410, message: 'too old' } }, 'expired'],
  [{ type: 'ERROR', object: { code: 504, details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } } }, 'expired'],
  [{ type: 'ERROR', object: { code: 500 } }, 'busy'],
  [{ type: 'ERROR' }, 'busy'],
  [{ type: 'ADDED', object: { kind: 'Pod', metadata: { resourceVersion: '1' } } }, 'garbage'],
  [{ type: 'ADDED', object: { kind: 'Service', metadata: {} } }, 'garbage'],
  [null, 'garbage'],
])('%j is %s', (value, reason) => {
  expect(() => readWatchEvent(value, 'Service')).toThrow(expect.objectContaining({ reason }));
});

/** As in JSON: no `-0`, no prototypes. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
