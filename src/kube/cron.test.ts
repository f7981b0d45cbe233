import { expect, test } from 'vitest';
import { parseCron } from './cron.ts';

function schedule(text: string) {
  const parsed = parseCron(text);
  if (parsed.status === 'invalid') throw new Error(parsed.why);
  return parsed.schedule;
}

test('reads ranges, steps, lists and names', () => {
  expect(schedule('*/20 8-10 1,15 jan-mar MON')).toEqual({
    kind: 'times',
    minutes: new Set([0, 20, 40]),
    hours: new Set([8, 9, 10]),
    daysOfMonth: new Set([1, 15]),
    months: new Set([1, 2, 3]),
    daysOfWeek: new Set([1]),
    eitherDay: true,
  });
});

test.each([
  ['0 0 1 * *', false],
  ['0 0 * * 1', false],
  ['0 0 */2 * 1', true],
  ['0 0 */1 * 1', false],
  ['0 0 1 * ?', false],
])('in %s either kind of day suffices: %s', (text, expected) => {
  expect(schedule(text)).toMatchObject({ eitherDay: expected });
});

test('reads names of schedules', () => {
  expect(schedule('@hourly')).toEqual(schedule('0 * * * *'));
  expect(schedule('@weekly')).toEqual(schedule('0 0 * * 0'));
});

test.each([
  ['@every 1h30m', 5400],
  ['@every 1.5s', 1],
  ['@every 10ms', 1],
])('%s fires each %i seconds', (text, seconds) => {
  expect(schedule(text)).toEqual({ kind: 'every', seconds });
});

test.each(['', '* * * *', '60 * * * *', '* * 0 * *', '5-1 * * * *', '*/0 * * * *', '@reboot', '@every x', 'a * * * *'])(
  'rejects %j with a reason',
  text => {
    expect(parseCron(text)).toMatchObject({ status: 'invalid', why: expect.stringMatching(/\w/) });
  },
);
