import { setTimeout as delay } from 'node:timers/promises';
import { SwitchboardError, systemCodeOf } from '../../../errors.ts';
import { EXIT } from '../../exit-codes.ts';
import { oneInstance } from '../../instances.ts';
import { message } from '../../terminal.ts';

const POLL_MS = 50;

/** Stops an instance and waits for its end. @returns the exit code. @throws SWB_NOT_RUNNING, SWB_USAGE */
export async function down(name: string | undefined, timeoutSeconds: number): Promise<number> {
  const { pid, name: found } = await oneInstance(name, 'switchboard down');
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

/** @returns whether the process exists. @throws SWB_USAGE if it belongs to another user */
function signal(pid: number, what: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, what);
  } catch (error) {
    if (systemCodeOf(error) === 'ESRCH') return false;
    throw new SwitchboardError('SWB_USAGE', `pid ${pid} belongs to another user: run down as that user`);
  }
}
