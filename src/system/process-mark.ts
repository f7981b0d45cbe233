import { readFile } from 'node:fs/promises';
import { isRunning } from './is-running.ts';

/**
 * Identifies a process beyond the reuse of its pid: the pid and the start time (in ticks since boot, with the id of the
 * boot; `-` where the system does not report it).
 */
export interface ProcessMark {
  readonly pid: number;
  readonly started: string;
}

export async function markOf(pid: number): Promise<ProcessMark> {
  return { pid, started: (await startOf(pid)) ?? '-' };
}

/** Whether this process still runs. */
export async function stillRuns(mark: ProcessMark): Promise<boolean> {
  if (!isRunning(mark.pid)) return false;
  const started = await startOf(mark.pid);
  return started === undefined || mark.started === '-' || started === mark.started;
}

/** Field 22 of /proc/PID/stat (proc(5)); the name in field 2 may contain blanks and brackets. */
async function startOf(pid: number): Promise<string | undefined> {
  const [stat, boot] = await Promise.all([read(`/proc/${pid}/stat`), read('/proc/sys/kernel/random/boot_id')]);
  const ticks = stat
    .slice(stat.lastIndexOf(')') + 1)
    .trim()
    .split(' ')[19];
  return ticks === undefined ? undefined : `${ticks}@${boot.slice(0, 8)}`;
}

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
