import { basename, dirname, resolve } from 'node:path';
import { instancesText, type RunningState, runningStates } from '../admin/index.ts';
import { SwitchboardError } from '../errors.ts';
import { packageVersion } from '../version.ts';

/** The name of an instance without `--name`: that of the folder of its first input, or of the working directory. */
export function defaultName(inputs: readonly string[]): string {
  const [first] = inputs;
  if (first === undefined || first === '-') return basename(process.cwd());
  const path = resolve(first);
  return basename(/\.(ya?ml|json)$/.test(path) ? dirname(path) : path) || 'root';
}

/**
 * The running instances of this user, or the one of a name.
 *
 * @throws SWB_NOT_RUNNING if there is none, or none of this name
 */
export async function instances(name: string | undefined): Promise<readonly RunningState[]> {
  const states = await runningStates(packageVersion());
  if (name === undefined) return states;
  const found = states.filter(state => state.name === name || String(state.pid) === name);
  if (found.length > 0) return found;
  throw new SwitchboardError('SWB_NOT_RUNNING', `no instance "${name}" runs; there are ${instancesText(states)}`);
}

/** For commands that do not need an instance: none is no error. */
export function undefinedIfNotRunning(error: unknown): undefined {
  if (SwitchboardError.is(error) && error.code === 'SWB_NOT_RUNNING') return undefined;
  throw error;
}

/** The single running instance, or the one of a name. @throws SWB_NOT_RUNNING if there is none, or several */
export async function oneInstance(name: string | undefined, command: string): Promise<RunningState> {
  const [state, second, ...more] = await instances(name);
  if (state === undefined) throw new SwitchboardError('SWB_NOT_RUNNING', 'no "switchboard up" of yours runs');
  if (second === undefined) return state;
  throw new SwitchboardError(
    'SWB_NOT_RUNNING',
    `several run: ${instancesText([state, second, ...more])}; name one: ${command} ${state.name}`,
  );
}
