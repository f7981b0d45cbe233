import { askRunning } from '../../../admin/index.ts';
import { isRecord } from '../../../data/index.ts';
import { SwitchboardError } from '../../../errors.ts';
import { EXIT } from '../../exit-codes.ts';
import { oneInstance } from '../../instances.ts';
import { message } from '../../terminal.ts';

/** @returns the exit code. @throws SWB_NOT_RUNNING, SWB_NOT_FOUND */
export async function runJob(cronJob: string, instance: string | undefined): Promise<number> {
  const { pid, name } = await oneInstance(instance, 'switchboard job run --name');
  const answer = await askRunning(pid, 'job', cronJob);
  if (isRecord(answer) && typeof answer.job === 'string') {
    message(`job ${answer.job} started; switchboard logs prints its output`);
    return EXIT.fine;
  }
  if (answer === undefined)
    throw new SwitchboardError('SWB_NOT_RUNNING', `${name} does not answer: it may have just ended`);
  const why =
    isRecord(answer) && typeof answer.why === 'string' ? answer.why : `${name} runs no pods: start it with --run`;
  throw new SwitchboardError('SWB_NOT_FOUND', why);
}
