import { askRunning } from '../../../admin/index.ts';
import { isRecord } from '../../../data/index.ts';
import { SwitchboardError } from '../../../errors.ts';
import { EXIT } from '../../exit-codes.ts';
import { oneInstance } from '../../instances.ts';
import { podTarget } from '../../pod-target.ts';
import { message } from '../../terminal.ts';

/** @returns the exit code. @throws SWB_NOT_RUNNING, SWB_NOT_FOUND */
export async function restart(
  workload: string,
  flags: { readonly namespace?: string; readonly name?: string },
): Promise<number> {
  const { pid, name } = await oneInstance(flags.name, `switchboard restart ${workload} --name`);
  const answer = await askRunning(pid, 'restart', podTarget(workload, flags.namespace));
  if (isRecord(answer) && Array.isArray(answer.pods)) {
    message(`restarts ${answer.pods.join(', ')}`);
    return EXIT.fine;
  }
  const why = isRecord(answer) && typeof answer.why === 'string' ? answer.why : `${name} runs no pods`;
  throw new SwitchboardError('SWB_NOT_FOUND', `${why}; switchboard ps lists the pods of ${name}`);
}
