import { setTimeout as delay } from 'node:timers/promises';
import { mayHaveEngine } from '../../../engine/find/presence.ts';
import { SwitchboardError, systemCodeOf } from '../../../errors.ts';
import { EXIT } from '../../exit-codes.ts';
import { oneInstance } from '../../instances.ts';
import { message } from '../../terminal.ts';

const POLL_MS = 50;

/** Stops an instance and waits for its end. @returns the exit code. @throws SWB_NOT_RUNNING, SWB_USAGE */
export async function down(name: string | undefined, timeoutSeconds: number): Promise<number> {
  const instance = await oneInstance(name, 'switchboard down').catch(error => orSwept(error, name));
  if (instance === undefined) return EXIT.fine;
  const { pid, name: found } = instance;
  if (!signal(pid, 'SIGTERM')) throw new SwitchboardError('SWB_NOT_RUNNING', `${found} (pid ${pid}) has just ended`);
  const until = performance.now() + timeoutSeconds * 1000;
  // Only the parent of a process learns of its end.
  while (signal(pid, 0)) {
    if (performance.now() > until) {
      message(`${found} (pid ${pid}) still stops after ${timeoutSeconds} s: its pods have longer grace periods`);
      return EXIT.finding;
    }
    await delay(POLL_MS);
  }
  message(`stopped ${found}`);
  return EXIT.fine;
}

/**
 * Without an instance there may be what a killed one has left in a container engine.
 *
 * @returns undefined if something was removed. @throws the error otherwise
 */
async function orSwept(error: unknown, name: string | undefined): Promise<undefined> {
  const isNone = SwitchboardError.is(error) && error.code === 'SWB_NOT_RUNNING';
  if (!isNone || name !== undefined || !(await mayHaveEngine({ startPodman: true }))) throw error;
  const { Engine } = await import('../../../engine/index.ts');
  const { sweepEngine } = await import('../../pod-side/engine-objects.ts');
  const engine = await Engine.open().catch(() => undefined);
  const count = engine === undefined ? 0 : await sweepEngine(engine);
  await engine?.close();
  if (count === 0) throw error;
  message(`removed ${count} containers, networks and volumes that a killed instance has left`);
}

/** @returns whether the process exists. @throws SWB_USAGE if it belongs to another user */
function signal(pid: number, what: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, what);
  } catch (error) {
    if (systemCodeOf(error) === 'ESRCH') return false;
    throw new SwitchboardError('SWB_USAGE', `pid ${pid} belongs to another user: run down as that user`);
  }
}
