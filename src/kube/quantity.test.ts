import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareQuantities,
  divideQuantity,
  parseQuantity,
  type Quantity,
  quantityValue,
  roundUpToMilli,
} from './quantity.ts';

function quantity(text: string): Quantity {
  const parsed = parseQuantity(text);
  if (parsed === undefined) throw new Error(`${text} is not a quantity`);
  return parsed;
}

test.each([
  ['1', '1'],
  ['1000m', '1'],
  ['0.5', '500m'],
  ['.5', '500m'],
  ['1.', '1'],
  ['1500', '1500'],
  ['1000', '1k'],
  ['1024Mi', '1Gi'],
  ['1.5Gi', '1536Mi'],
  ['0.5Ki', '512'],
  ['1.1Ki', '1126400m'],
  ['12e6', '12e6'],
  ['120e5', '12e6'],
  ['1E', '1E'],
  ['-0', '0'],
  ['-1500m', '-1500m'],
  ['0.1n', '1n'],
  ['16Ei', '9223372036854775807'],
])('writes %s as %s', (text, canonical) => {
  expect(quantity(text)).toBe(canonical);
});

test.each(['', ' 1', '1 ', '1K', '1KiB', '1mm', '0x1', '1_000', '1e', '--1', 'x', '1e1000000000', '1'.repeat(200)])(
  'rejects %j',
  text => {
    expect(parseQuantity(text)).toBeUndefined();
  },
);

describe('values', () => {
  test.each<[string, bigint]>([
    ['1500m', 2n],
    ['64Mi', 67_108_864n],
    ['1u', 1n],
    ['-1500m', -2n],
  ])('%s', (text, value) => {
    expect(quantityValue(quantity(text))).toBe(value);
  });

  test.each<[string, string, bigint]>([
    ['500m', '1', 1n],
    ['500m', '1m', 500n],
    ['1500Mi', '1Gi', 2n],
    ['1G', '1M', 1000n],
  ])('the downward API prints %s by %s as %s', (text, divisor, printed) => {
    expect(divideQuantity(quantity(text), quantity(divisor))).toBe(printed);
  });

  test('rounds up to thousandths', () => {
    expect(roundUpToMilli(quantity('0.0001'))).toBe('1m');
    expect(roundUpToMilli(quantity('1.5Gi'))).toBe('1536Mi');
  });
});

describe('for any quantity', () => {
  const nano = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
  const suffix = fc.constantFrom('n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E', 'Ki', 'Mi', 'Gi', 'Ti', 'e3', 'E-3');
  const text = fc
    .tuple(fc.nat({ max: 10 ** 6 }), fc.option(fc.nat({ max: 10 ** 6 })), suffix)
    .map(([whole, fraction, end]) => `${whole}${fraction === null ? '' : `.${fraction}`}${end}`);

  test('its canonical form is a fixed point with the same value', () => {
    fc.assert(
      fc.property(text, written => {
        const once = quantity(written);
        expect(parseQuantity(once)).toBe(once);
        expect(compareQuantities(once, quantity(written))).toBe(0);
      }),
    );
  });

  test('comparing is as for the numbers', () => {
    fc.assert(
      fc.property(nano, nano, (a, b) => {
        const order = a < b ? -1 : a > b ? 1 : 0;
        expect(compareQuantities(quantity(`${a}n`), quantity(`${b}n`))).toBe(order);
      }),
    );
  });

  test('the value is the smallest whole number that holds it', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), a => {
        const value = quantityValue(quantity(`${a}n`));
        expect(value * 10n ** 9n >= a && (value - 1n) * 10n ** 9n < a).toBe(true);
      }),
    );
  });
});
