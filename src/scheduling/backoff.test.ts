import { expect, test } from 'vitest';
import { Backoff } from './backoff.ts';

const backoff = (random: number) => new Backoff({ firstMs: 100, maxMs: 1_000, random: () => random });

test('doubles up to a maximum, with half of it random, and starts over after a reset', () => {
  const least = backoff(0);
  expect([1, 2, 3, 4, 5, 6].map(() => least.next())).toEqual([50, 100, 200, 400, 500, 500]);
  const most = backoff(1);
  expect([1, 2, 3, 4, 5].map(() => most.next())).toEqual([100, 200, 400, 800, 1_000]);
  expect(most.failures).toBe(5);
  most.reset();
  expect(most.next()).toBe(100);
});

test('waits exactly without randomness', () => {
  const exact = new Backoff({ firstMs: 100, maxMs: 300 });
  expect([1, 2, 3].map(() => exact.next())).toEqual([100, 200, 300]);
});

test('never waits less than the server requests, up to a maximum', () => {
  expect(backoff(0).next(5_000)).toBe(5_000);
  expect(backoff(1).next(5_000)).toBe(5_500);
  expect(backoff(1).next(10)).toBe(100);
  expect(backoff(0).next(86_400_000)).toBe(300_000);
});
