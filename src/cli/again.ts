import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SwitchboardError } from '../errors.ts';
import { type Entered, enteredGateway, isGatewayProcess } from '../gateway/index.ts';
import { findIsolation, runGateway } from '../gateway/outside/index.ts';
import { isRunning, runtimeFolder, stateFolder } from '../system/index.ts';

/** Where a process finds itself that is to run pods. */
export type Place =
  /** In namespaces, in which this command line was started again. */
  | { readonly kind: 'inside'; readonly entered: Entered }
  /** In the network of this machine, since no other is possible. */
  | { readonly kind: 'shared'; readonly why: string }
  /** The process in namespaces did all the work. */
  | { readonly kind: 'ended'; readonly code: number };

/** Whether this process is the one in namespaces. */
export function isInside(): boolean {
  return isGatewayProcess();
}

/**
 * Runs this command line again as root of new namespaces, in which pods can have networks of their own.
 *
 * @param required whether to fail if that is not possible
 * @param env added to the environment
 * @throws SWB_RUN_UNSUPPORTED if it is required
 */
export async function startAgain(required: boolean, env: Readonly<Record<string, string>> = {}): Promise<Place> {
  const entered = enteredGateway();
  if (entered !== undefined) return { kind: 'inside', entered };
  try {
    const isolation = findIsolation();
    const folder = runtimeFolder();
    sweep(folder);
    sweep(join(stateFolder(), 'scratch'));
    const program = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
    const end = await runGateway(program, isolation, join(folder, `pods-${process.pid}`), env);
    return end.kind === 'ended' ? end : { kind: 'shared', why: end.why };
  } catch (error) {
    if (required || !SwitchboardError.is(error)) throw error;
    return { kind: 'shared', why: error.message };
  }
}

/** Removes what instances that were killed have left: the files of their pods, and their sockets. */
function sweep(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const [, pods, socket] = /^(?:pods-(\d+)|up-(\d+)\.sock)$/.exec(name) ?? [];
    const pid = Number(pods ?? socket);
    if (pid > 0 && !isRunning(pid)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
