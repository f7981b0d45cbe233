import { streamFrom } from '../../../admin/index.ts';
import { isRecord } from '../../../data/index.ts';
import { SwitchboardError } from '../../../errors.ts';
import { oneInstance } from '../../instances.ts';
import { podTarget } from '../../pod-target.ts';
import { passOutput } from '../../terminal.ts';
import type { ExecFlags } from './flags.ts';

/** @returns the command's exit code. @throws SWB_NOT_RUNNING, SWB_NOT_FOUND, SWB_POD_EXEC */
export async function exec(pod: string, command: readonly string[], flags: ExecFlags): Promise<number> {
  const { pid, name } = await oneInstance(flags.name, `switchboard exec ${pod} --name`);
  const request = { pod: podTarget(pod, flags.namespace), container: flags.container, command };
  for await (const value of streamFrom(pid, 'exec', request)) {
    if (!isRecord(value)) continue;
    for (const stream of ['stdout', 'stderr'] as const) {
      const data = value[stream];
      if (typeof data === 'string') passOutput(stream, Buffer.from(data, 'base64'));
    }
    if (typeof value.code === 'number') return value.code;
    if (typeof value.why === 'string') {
      const code = value.error === 'SWB_NOT_FOUND' ? 'SWB_NOT_FOUND' : 'SWB_POD_EXEC';
      throw new SwitchboardError(code, `${value.why} (instance ${name}; switchboard ps lists its pods)`);
    }
  }
  throw new SwitchboardError('SWB_NOT_FOUND', `${name} runs no pods: start it with --run`);
}
