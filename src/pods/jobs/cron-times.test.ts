import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCron } from '../../kube/index.ts';
import { firesAt, nextTime } from './cron-times.ts';

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

describe('A57: the next time of a schedule', () => {
  test.each<[schedule: string, after: string, zone: string | undefined, next: string | undefined]>([
    ['*/5 * * * *', '2026-11-28T14:15:00Z', undefined, '2026-11-28T14:20:00Z'],
    ['0 3 * * *', '2026-11-28T03:00:00Z', undefined, '2026-11-29T03:00:00Z'],
    ['0 3 * * *', '2026-11-28T02:59:59Z', undefined, '2026-11-28T03:00:00Z'],
    ['30 9 * * 1', '2026-11-28T00:00:00Z', 'Europe/Berlin', '2026-11-30T08:30:00Z'],
    ['0 0 29 2 *', '2026-11-28T00:00:00Z', undefined, '2028-02-29T00:00:00Z'],
    ['0 0 31 2 *', '2026-11-28T00:00:00Z', undefined, undefined],
    ['0 0 1 1 *', '2026-01-01T00:00:00Z', 'Asia/Kolkata', '2026-12-31T18:30:00Z'],
    ['30 2 * * *', '2026-03-28T12:00:00Z', 'Europe/Berlin', '2026-03-30T00:30:00Z'],
    ['@every 2h', '2026-11-28T00:10:00Z', undefined, '2026-11-28T02:01:00Z'],
  ])('%s after %s in %s: %s', (text, after, zone, expected) => {
    const parsed = parseCron(text);
    if (parsed.status !== 'schedule') throw new Error(parsed.why);
    const next = nextTime(parsed.schedule, new Date(after), zone, STARTED);
    expect(next?.toISOString().replace('.000', '')).toBe(expected);
  });

  test('is one at which it fires, with none before', () => {
    const fields = fc.constantFrom('*', '*/7', '0', '3', '1-5');
    const schedule = fc.tuple(
      fc.constantFrom('*', '0', '30', '*/20'),
      fc.constantFrom('*', '0', '3', '*/6'),
      fields,
      fc.constantFrom('*', '1', '*/2'),
      fc.constantFrom('*', '1', '0'),
    );
    const zone = fc.constantFrom(undefined, 'Europe/Berlin', 'America/New_York');
    const after = fc.date({
      min: new Date('2026-01-01T00:00:00Z'),
      max: new Date('2027-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(schedule, zone, after, (parts, where, from) => {
        const parsed = parseCron(parts.join(' '));
        if (parsed.status !== 'schedule') return;
        const next = nextTime(parsed.schedule, from, where, STARTED);
        if (next === undefined) return;
        expect(firesAt(parsed.schedule, next, where, STARTED)).toBe(true);
        // All minutes of the last two days before it; those of years would take too long.
        const first = Math.max(from.getTime() + 60_000, next.getTime() - 2 * 86_400_000);
        for (let at = first; at < next.getTime(); at += 60_000) {
          if (firesAt(parsed.schedule, new Date(at), where, STARTED) && at > from.getTime() + 60_000) {
            throw new Error(`it also fires at ${new Date(at).toISOString()}`);
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});
