import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bisect } from './bisect.ts';

describe('bisect', () => {
  it('finds the bad changes, each with its reason, and no others', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(99), { maxLength: 30 }),
        fc.uniqueArray(fc.nat(99), { maxLength: 4 }),
        async (batch, bad) => {
          const found = await bisect(batch, async part => {
            const one = part.find(item => bad.includes(item));
            return one === undefined ? undefined : `${one} is bad`;
          });
          const expected = batch
            .filter(item => bad.includes(item))
            .map((item): [number, string] => [item, `${item} is bad`]);
          expect([...found].sort()).toEqual(expected.sort());
        },
      ),
    );
  });

  it('needs about 2 log2 N checks for one bad change among 1,024', async () => {
    let checks = 0;
    const batch = Array.from({ length: 1_024 }, (_, i) => i);
    const found = await bisect(batch, async part => {
      checks++;
      return part.includes(777) ? 'no' : undefined;
    });
    expect([...found.keys()]).toEqual([777]);
    expect(checks).toBeLessThanOrEqual(2 * 10 + 1);
  });

  it('finds nothing if two changes pass alone and fail together', async () => {
    const found = await bisect([1, 2], async part => (part.length === 2 ? 'together' : undefined));
    expect(found.size).toBe(0);
  });
});
