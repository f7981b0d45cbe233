import { streamFrom } from '../../../admin/index.ts';
import { isRecord } from '../../../data/index.ts';
import { SwitchboardError } from '../../../errors.ts';
import { EXIT } from '../../exit-codes.ts';
import { oneInstance } from '../../instances.ts';
import type { LogEntry } from '../../log-store.ts';
import { printPodLine } from '../../terminal.ts';
import type { LogsFlags } from './flags.ts';

/** @returns the exit code. @throws SWB_NOT_RUNNING, SWB_NOT_FOUND */
export async function logs(target: string, flags: LogsFlags): Promise<number> {
  const { pid, name } = await oneInstance(flags.name, `switchboard logs ${target} --name`);
  const query = {
    target: target.slice(target.indexOf('/') + 1),
    follow: flags.follow,
    ...(flags.namespace === undefined ? {} : { namespace: flags.namespace }),
    ...(flags.container === undefined ? {} : { container: flags.container }),
    ...(flags.since === undefined ? {} : { since: Date.now() - flags.since * 1000 }),
  };
  for await (const value of streamFrom(pid, 'logs', query)) {
    if (isRecord(value) && value.kind === 'unknown') throw noSuch(target, name, flags);
    if (!isEntry(value)) continue;
    const time = flags.timestamps ? `${value.time} ` : '';
    printPodLine(`${time}${value.pod.endsWith(`/${query.target}`) ? '' : `${value.pod} | `}`, value.text);
  }
  return EXIT.fine;
}

function noSuch(target: string, instance: string, { container, namespace }: LogsFlags): SwitchboardError {
  const where = `${namespace === undefined ? '' : ` in namespace ${namespace}`}${container === undefined ? '' : `, container ${container},`}`;
  return new SwitchboardError(
    'SWB_NOT_FOUND',
    `no pod or workload "${target}"${where} of ${instance} has printed anything; switchboard ps lists the pods`,
  );
}

function isEntry(value: unknown): value is LogEntry {
  return (
    isRecord(value) &&
    typeof value.pod === 'string' &&
    typeof value.container === 'string' &&
    typeof value.time === 'string' &&
    typeof value.text === 'string'
  );
}
