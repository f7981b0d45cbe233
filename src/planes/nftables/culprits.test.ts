import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { culprits } from './culprits.ts';

describe('culprits', () => {
  it('are found, each with its reason, and nobody else is accused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(99), { maxLength: 30 }),
        fc.uniqueArray(fc.nat(99), { maxLength: 4 }),
        async (batch, bad) => {
          const found = await culprits(batch, async part => {
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

  it('one among 1,024 costs about 2 log2 N checks', async () => {
    let checks = 0;
    const batch = Array.from({ length: 1_024 }, (_, i) => i);
    const found = await culprits(batch, async part => {
      checks++;
      return part.includes(777) ? 'no' : undefined;
    });
    expect([...found.keys()]).toEqual([777]);
    expect(checks).toBeLessThanOrEqual(2 * 10 + 1);
  });

  it('two that pass apart and fail together accuse nobody', async () => {
    const found = await culprits([1, 2], async part => (part.length === 2 ? 'together' : undefined));
    expect(found.size).toBe(0);
  });
});
