import { spawn } from 'node:child_process';
import { messageOf, SwitchboardError } from '../../errors.ts';
import { exitCodeOf } from '../../system/index.ts';
import type { ContainerView } from '../network.ts';
import type { CommandEvents } from '../program.ts';

export interface ExecTarget {
  readonly view: Pick<ContainerView, 'launch'>;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/**
 * Runs a command in a container, beside its program, until it ends or is aborted.
 *
 * @param late the reason if it was aborted
 * @returns undefined for exit code 0, else the reason
 */
export function execIn(
  command: readonly string[],
  { view, env, cwd }: ExecTarget,
  signal: AbortSignal,
  late: string,
): Promise<string | undefined> {
  return new Promise(resolve => {
    const [program = ''] = command;
    const launch = view.launch(command, cwd);
    const [first = '', ...args] = launch.words;
    const child = spawn(first, args, { env, cwd: launch.cwd, stdio: 'ignore', signal, killSignal: 'SIGKILL' });
    child.on('error', error => resolve(`${program}: ${signal.aborted ? late : messageOf(error)}`));
    child.on('exit', code => resolve(code === 0 ? undefined : `${program} exited with ${code ?? late}`));
  });
}

/** Runs a command in a container and passes its output on. @returns its exit code. @throws SWB_POD_EXEC */
export function attachTo(
  command: readonly string[],
  { view, env, cwd }: ExecTarget,
  { onOutput, signal }: CommandEvents,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const launch = view.launch(command, cwd);
    const [first = '', ...args] = launch.words;
    const child = spawn(first, args, {
      ...{ env, cwd: launch.cwd, signal, killSignal: 'SIGKILL' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout?.on('data', (data: Buffer) => onOutput('stdout', data));
    child.stderr?.on('data', (data: Buffer) => onOutput('stderr', data));
    child.on('error', error => {
      if (!signal.aborted) reject(new SwitchboardError('SWB_POD_EXEC', `${command[0]}: ${messageOf(error)}`));
    });
    child.on('close', (code, ended) => resolve(code ?? exitCodeOf(ended)));
  });
}
