import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { buildProgram } from './program.ts';

let err: string;
beforeEach(() => {
  err = '';
  vi.spyOn(process.stderr, 'write').mockImplementation(text => {
    err += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

function pathsOf(command: CommandUnknownOpts, path: readonly string[]): (readonly string[])[] {
  return [path, ...command.commands.flatMap(below => pathsOf(below, [...path, below.name()]))];
}

describe('an error of the command line names the help of the command that the user typed', () => {
  test.each(pathsOf(buildProgram(), []).map(path => [['switchboard', ...path].join(' '), path] as const))(
    '%s',
    async (name, path) => {
      await expect(buildProgram().parseAsync([...path, '--no-such-option'], { from: 'user' })).rejects.toMatchObject({
        code: 'commander.unknownOption',
      });
      expect(err).toContain(`(see: ${name} --help)`);
      expect(err).not.toMatch(/\b[A-Z]{4,}\b/);
    },
  );

  test('or the help of switchboard for a command that does not exist, without its control characters', async () => {
    await expect(buildProgram().parseAsync(['u\x1b[31mp'], { from: 'user' })).rejects.toMatchObject({
      code: 'commander.unknownCommand',
    });
    expect(err).toBe("error: unknown command 'u\\x1b[31mp'\n(see: switchboard --help)\n");
  });
});
