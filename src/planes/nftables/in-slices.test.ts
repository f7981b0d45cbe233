import { expect, test } from 'vitest';
import { atOnce, inSlices, type Sliced } from './in-slices.ts';

/** Work of so many steps, each of which takes a millisecond of the clock. */
function scene(steps: number) {
  let time = 0;
  let turns = 0;
  const seen = new Set<number>();
  function* work(): Sliced<string> {
    setImmediate(function turn() {
      turns++;
      setImmediate(turn).unref();
    });
    for (let i = 0; i < steps; i++) {
      time++;
      seen.add(turns);
      yield;
    }
    return 'done';
  }
  return { work, now: () => time, seen };
}

test('the event loop turns after every slice of long work', async () => {
  const { work, now, seen } = scene(100);
  expect(await inSlices(work(), now)).toBe('done');
  expect(seen.size).toBe(10);
});

test('short work is done in one turn', async () => {
  const { work, now, seen } = scene(9);
  expect(await inSlices(work(), now)).toBe('done');
  expect(seen.size).toBe(1);
  expect(atOnce(work())).toBe('done');
});
