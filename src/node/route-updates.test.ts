import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RouteTable } from '../routing/index.ts';
import { ObjectStore } from '../world/index.ts';
import type { Arrival } from './arrivals.ts';
import { RouteUpdates } from './route-updates.ts';

const web: Arrival = { kind: 'EndpointSlice', service: 'default/web', families: ['IPv4'] };

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function scene(intervalMs: number) {
  const table = new RouteTable(new ObjectStore());
  const compiled = vi.spyOn(table, 'update');
  const reported: number[] = [];
  const updates = new RouteUpdates(table, intervalMs, arrivals => reported.push(arrivals.length));
  return { updates, reported, touched: () => compiled.mock.calls.map(([keys]) => [...keys].sort()) };
}

test('compiles the first change at once, and what arrives within the interval together', () => {
  const { updates, reported, touched } = scene(1_000);
  updates.add([web], new Set(['default/web']));
  expect(touched()).toEqual([['default/web']]);
  for (let index = 0; index < 100; index++) updates.add([web], new Set(['default/web', `default/api-${index % 2}`]));
  expect(touched()).toHaveLength(1);
  vi.advanceTimersByTime(1_000);
  expect(touched().slice(1)).toEqual([['default/api-0', 'default/api-1', 'default/web']]);
  expect(reported).toEqual([1, 100]);
});

test('compiles at once again after an interval without changes', () => {
  const { updates, reported } = scene(1_000);
  updates.add([web], new Set(['default/web']));
  vi.advanceTimersByTime(1_000);
  updates.add([web], new Set(['default/web']));
  expect(reported).toEqual([1, 1]);
});

test('compiles every change at once without an interval', () => {
  const { updates, reported } = scene(0);
  for (let index = 0; index < 3; index++) updates.add([web], new Set(['default/web']));
  expect(reported).toEqual([1, 1, 1]);
});

test('compiles nothing after close', () => {
  const { updates, reported } = scene(1_000);
  updates.add([web], new Set(['default/web']));
  updates.add([web], new Set(['default/web']));
  updates.close();
  vi.advanceTimersByTime(5_000);
  expect(reported).toEqual([1]);
});
