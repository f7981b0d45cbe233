import { spawn } from 'node:child_process';
import { escapeControls } from '../data/index.ts';
import { messageOf, systemCodeOf } from '../errors.ts';
import { exitCodeOf } from '../system/index.ts';

/** The exit codes of shells for a command that cannot be run (POSIX, 2.8.2). */
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

export interface RunningCommand {
  /** Resolves with the exit code; 128 plus the number of the signal that ended it. */
  readonly ended: Promise<number>;
  /** Does nothing if the command has ended. */
  signal(signal: NodeJS.Signals): void;
}

/** Starts a command with this process's standard streams. Reports on standard error if it cannot be started. */
export function startCommand(
  { words, cwd }: { readonly words: readonly string[]; readonly cwd: string },
  env: NodeJS.ProcessEnv,
): RunningCommand {
  const [program = '', ...args] = words;
  const child = spawn(program, args, { stdio: 'inherit', env, cwd });
  const ended = new Promise<number>(resolve => {
    child.on('error', error => {
      const missing = systemCodeOf(error) === 'ENOENT';
      const why = missing ? 'no such program in PATH' : messageOf(error);
      process.stderr.write(`switchboard: ${escapeControls(`${program}: ${why}`)}\n`);
      resolve(missing ? NOT_FOUND : NOT_EXECUTABLE);
    });
    child.on('exit', (code, signal) => resolve(code ?? exitCodeOf(signal)));
  });
  return { ended, signal: signal => void child.kill(signal) };
}
