import { requestJob } from '../../../admin/index.ts';
import { EXIT } from '../../exit-codes.ts';
import { message } from '../../terminal.ts';

/** @returns the exit code. @throws SWB_NOT_RUNNING, SWB_NOT_FOUND */
export async function runJob(cronJob: string): Promise<number> {
  const job = await requestJob(cronJob);
  message(`job ${job} started; "switchboard up" prints its output and its end`);
  return EXIT.fine;
}
