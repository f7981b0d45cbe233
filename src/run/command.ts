import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { messageOf, systemCodeOf } from '../errors.ts';

/** The codes by which shells say that a command could not be run (POSIX, 2.8.2). */
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

export interface RunningCommand {
  /** Its exit code; 128 and the signal's number if a signal ended it. */
  readonly ended: Promise<number>;
  /** Nothing happens if it has ended. */
  signal(signal: NodeJS.Signals): void;
}

/** Starts a command with our own standard streams; what is wrong with it is said on standard error. */
export function startCommand(words: readonly string[], env: NodeJS.ProcessEnv): RunningCommand {
  const [program = '', ...args] = words;
  const child = spawn(program, args, { stdio: 'inherit', env });
  const ended = new Promise<number>(resolve => {
    child.on('error', error => {
      const missing = systemCodeOf(error) === 'ENOENT';
      const why = missing ? 'there is no such program in PATH' : messageOf(error);
      process.stderr.write(`switchboard: ${program}: ${why}\n`);
      resolve(missing ? NOT_FOUND : NOT_EXECUTABLE);
    });
    child.on('exit', (code, signal) => resolve(code ?? exitCodeOf(signal)));
  });
  return { ended, signal: signal => void child.kill(signal) };
}

/** What a shell says of a command that a signal has ended. */
export function exitCodeOf(signal: NodeJS.Signals | null): number {
  return 128 + (signal === null ? 0 : constants.signals[signal]);
}
