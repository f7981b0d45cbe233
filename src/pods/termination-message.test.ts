import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signalNumber } from './processes/stop-signal.ts';
import { LogTail, terminationMessage } from './termination-message.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchboard-message-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function message(
  written: string | undefined,
  lines: readonly string[],
  more: Partial<Parameters<typeof terminationMessage>[0]> = {},
): string {
  const file = join(folder, 'message');
  if (written !== undefined) writeFileSync(file, written);
  const log = new LogTail();
  for (const line of lines) log.add(line);
  return terminationMessage({ file, policy: 'FallbackToLogsOnError', code: 1, log, ...more });
}

describe('A45: the termination message', () => {
  test('is what the container wrote, on one line', () => {
    expect(message('no\n disk\n', ['log'])).toBe('no; disk');
  });

  test('has at most 4096 bytes', () => {
    expect(message('x'.repeat(5000), [])).toHaveLength(4096);
  });

  test.each([
    ['is the log of a container that failed and wrote nothing', {}, 'a; b'],
    ['is not the log of one that succeeded', { code: 0 }, ''],
    ['is not the log with the policy File', { policy: 'File' as const }, ''],
    ['is the log where there is no file', { file: undefined }, 'a; b'],
  ])('%s', (_what, more, expected) => {
    expect(message('', ['a', 'b'], more)).toBe(expected);
  });

  test('has at most 80 lines or 2048 bytes of the log', () => {
    const many = Array.from({ length: 100 }, (_, index) => String(index));
    expect(message('', many).split('; ')).toEqual(many.slice(-80));
    expect(message('', ['x'.repeat(3000)])).toHaveLength(2048);
  });
});

test.each([
  [undefined, 15],
  ['SIGTERM', 15],
  ['SIGUSR1', 10],
  ['SIGRTMIN', 34],
  ['SIGRTMIN+3', 37],
  ['SIGRTMAX-1', 63],
])('A43: the stop signal %s has the number %d', (name, number) => {
  expect(signalNumber(name)).toBe(number);
});
