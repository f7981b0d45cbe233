import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expand } from './expand-variables.ts';

describe('$(NAME)', () => {
  test.each([
    ['is replaced by the value', '$(A)', 'a'],
    ['may occur anywhere and more than once', 'x$(A)y$(A)', 'xaya'],
    ['is unchanged without a value', '$(MISSING)', '$(MISSING)'],
    ['is unchanged after a doubled dollar', '$$(A)', '$(A)'],
    ['is replaced after two doubled dollars', '$$$$(A) $$$(A)', '$$(A) $a'],
    ['is unchanged if it is not closed', '$(A', '$(A'],
    ['does not use shell syntax', '$A $' + '{A}', '$A $' + '{A}'],
    ['a dollar at the end', 'a$', 'a$'],
    ['is not expanded twice', '$(NESTED)', '$(A)'],
    ['an empty value', '[$(EMPTY)]', '[]'],
    ['a name that every JavaScript object has', '$(constructor) $(__proto__)', '$(constructor) $(__proto__)'],
  ])('%s: %s', (_what, text, expected) => {
    expect(expand(text, { A: 'a', NESTED: '$(A)', EMPTY: '' })).toBe(expected);
  });

  test('text without a dollar is unchanged, whatever is defined', () => {
    fc.assert(
      fc.property(fc.string(), fc.dictionary(fc.string(), fc.string()), (text, defined) => {
        const plain = text.replaceAll('$', '');
        expect(expand(plain, defined)).toBe(plain);
      }),
    );
  });

  test('doubled dollars escape any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '(', ')', 'A') }), text => {
        expect(expand(text.replaceAll('$', '$$$$'), { A: 'a' })).toBe(text);
      }),
    );
  });
});
