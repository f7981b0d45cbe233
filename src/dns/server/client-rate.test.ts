import { expect, test } from 'vitest';
import { ClientRate } from './client-rate.ts';

const allowed = (rate: ClientRate, client: string, now: number, times: number) =>
  Array.from({ length: times }, () => rate.allows(client, now)).filter(Boolean).length;

test('limits the responses to a client in each second', () => {
  const rate = new ClientRate(10);
  expect(allowed(rate, '192.0.2.1', 5000, 25)).toBe(10);
  expect(allowed(rate, '192.0.2.2', 5500, 5)).toBe(5);
  expect(allowed(rate, '192.0.2.1', 5999, 1)).toBe(0);
  expect(allowed(rate, '192.0.2.1', 6000, 25)).toBe(10);
});

test.each(['127.0.0.1', '127.9.9.9', '::1'])('%s has no limit', client => {
  expect(allowed(new ClientRate(10), client, 0, 1000)).toBe(1000);
});

test('any number of forged addresses share one allowance and take no more memory', () => {
  const rate = new ClientRate(10);
  let answers = 0;
  for (let i = 0; i < 200_000; i++) if (rate.allows(`2001:db8::${i.toString(16)}`, 0)) answers++;
  expect(answers).toBe(65_536 + 10);
});
