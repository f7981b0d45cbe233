import { describe, expect, test } from 'vitest';
import { parseCron } from '../../kube/index.ts';
import { firesAt } from './cron-times.ts';

const STARTED = new Date('2026-11-28T00:00:30Z');

function fires(text: string, at: string, zone?: string): boolean {
  const parsed = parseCron(text);
  if (parsed.status !== 'schedule') throw new Error(parsed.why);
  return firesAt(parsed.schedule, new Date(at), zone, STARTED);
}

describe('A57: a schedule fires', () => {
  test.each<[schedule: string, at: string, zone: string | undefined, fires: boolean]>([
    ['*/5 * * * *', '2026-11-28T14:15:00Z', undefined, true],
    ['*/5 * * * *', '2026-11-28T14:16:00Z', undefined, false],
    ['@hourly', '2026-11-28T14:00:59Z', undefined, true],
    ['0 0 * * 0', '2026-11-29T00:00:00Z', undefined, true],
    ['0 0 * * 0', '2026-11-28T00:00:00Z', undefined, false],
    ['0 3 1 * *', '2026-12-01T03:00:00Z', undefined, true],
    ['0 0 13 * 5', '2026-11-13T00:00:00Z', undefined, true],
    ['0 0 13 * 5', '2026-11-20T00:00:00Z', undefined, true],
    ['0 0 13 * 5', '2026-11-21T00:00:00Z', undefined, false],
    ['30 9 * * *', '2026-11-28T08:30:00Z', 'Europe/Berlin', true],
    ['30 9 * * *', '2026-07-28T07:30:00Z', 'Europe/Berlin', true],
    ['30 9 * * *', '2026-11-28T09:30:00Z', 'Europe/Berlin', false],
    ['@every 2h', '2026-11-28T02:00:40Z', undefined, true],
    ['@every 2h', '2026-11-28T02:02:00Z', undefined, false],
    ['@every 2h', '2026-11-28T00:00:40Z', undefined, false],
  ])('%s at %s in %s: %s', (schedule, at, zone, expected) => {
    expect(fires(schedule, at, zone)).toBe(expected);
  });
});
