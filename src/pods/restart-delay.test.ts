import { expect, test } from 'vitest';
import { RestartDelay } from './restart-delay.ts';

const MINUTE = 60_000;

test.each<[what: string, ran: number[], delays: number[]]>([
  ['the first restart is at once', [0], [0]],
  ['one that dies again and again waits longer and longer', [0, 10, 10, 10, 10], [0, 1000, 2000, 4000, 8000]],
  ['but never more than a minute', Array(9).fill(0), [0, 1000, 2000, 4000, 8000, 16000, 32000, MINUTE, MINUTE]],
  ['one that ran for a minute starts at once again', [0, 0, 0, MINUTE, 0], [0, 1000, 2000, 0, 1000]],
  ['one that ran a little less does not', [0, MINUTE - 1], [0, 1000]],
])('%s', (_what, ran, delays) => {
  const delay = new RestartDelay();
  expect(ran.map(ms => delay.next(ms))).toEqual(delays);
});
