import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BoundedCache } from './bounded-cache.ts';

const sizeOf = (_key: string, value: number) => value;

describe('a bounded cache', () => {
  test('never exceeds its limits and returns the latest value', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), key, value: fc.integer({ min: 1, max: 12 }) }),
      fc.record({ kind: fc.constantFrom('get' as const, 'delete' as const), key, value: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const cache = new BoundedCache({ maxSize: 20, maxEntries: 4, sizeOf });
        const last = new Map<string, number>();
        for (const { kind, key: at, value } of steps) {
          if (kind === 'set') cache.set(at, value);
          else if (kind === 'delete') cache.delete(at);
          if (kind === 'set') last.set(at, value);
          if (kind === 'delete') last.delete(at);
          const found = cache.get(at);
          if (found !== undefined) expect(found).toBe(last.get(at));
          if (kind === 'set') expect(found).toBe(value <= 10 ? value : undefined);
          expect(cache.size).toBeLessThanOrEqual(20);
          expect(cache.entries).toBeLessThanOrEqual(4);
        }
      }),
    );
  });

  test('keeps entries that are read, and drops others', () => {
    const cache = new BoundedCache({ maxSize: 20, sizeOf });
    cache.set('read', 1);
    cache.set('unread', 1);
    for (let index = 0; index < 200; index++) {
      cache.set(`other-${index}`, 1);
      expect(cache.get('read')).toBe(1);
    }
    expect(cache.get('unread')).toBeUndefined();
  });

  test('does not cache an entry above its limit, nor the entry that it replaces', () => {
    const cache = new BoundedCache({ maxSize: 100, maxEntrySize: 5, sizeOf });
    cache.set('a', 5);
    cache.set('a', 6);
    expect([cache.get('a'), cache.entries, cache.size]).toEqual([undefined, 0, 0]);
  });
});
