import { expect, test } from 'vitest';
import { sameData } from './index.ts';

class Hidden {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  get value(): string {
    return this.#value;
  }
}

test.each<[string, unknown, unknown, boolean]>([
  ['equal data', { a: [1, { b: 'c' }] }, { a: [1, { b: 'c' }] }, true],
  ['another value', { a: [1, { b: 'c' }] }, { a: [1, { b: 'd' }] }, false],
  ['another key', { a: undefined }, { b: undefined }, false],
  ['empty objects', {}, {}, true],
  ['an object and a list', {}, [], false],
  ['objects of a class, whose fields have no keys', new Hidden('a'), new Hidden('b'), false],
])('%s', (_what, a, b, expected) => {
  expect(sameData(a, b)).toBe(expected);
});

test('an object equals itself, whatever its class', () => {
  const hidden = new Hidden('a');
  expect(sameData({ hidden }, { hidden })).toBe(true);
});
