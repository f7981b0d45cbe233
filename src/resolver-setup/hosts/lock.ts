import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { SwitchboardError, systemCodeOf } from '../../errors.ts';
import { markOf, type ProcessMark, stillRuns } from '../../system/index.ts';

const WAIT_MS = 10_000;
const LOOK_AGAIN_MS = 25;

/**
 * Runs a task under an exclusive lock. The lock is a file with its holder's pid and start time, so that a lock that a
 * crash left can be distinguished from one that is held.
 *
 * @throws SWB_SETUP_CONFLICT if the lock is held for too long; the errors of the task
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const { pid, started } = await markOf(process.pid);
  // Two locks of one process must differ.
  const text = `${pid} ${started} ${randomBytes(6).toString('hex')}\n`;
  await acquire(path, text);
  try {
    return await work();
  } finally {
    if ((await read(path)) === text) await rm(path, { force: true });
  }
}

async function acquire(path: string, text: string): Promise<void> {
  const own = `${path}-${randomBytes(6).toString('hex')}`;
  const until = performance.now() + WAIT_MS;
  await writeFile(own, text, { mode: 0o644 });
  try {
    while (!(await linked(own, path))) {
      const held = await read(path);
      const holder = parse(held);
      if (held !== undefined && (holder === undefined || !(await stillRuns(holder)))) await clear(path, held);
      else if (performance.now() > until) {
        throw new SwitchboardError(
          'SWB_SETUP_CONFLICT',
          `another switchboard (pid ${holder?.pid}) holds ${path}: try again when it is done`,
        );
      } else await pause(LOOK_AGAIN_MS);
    }
  } finally {
    await rm(own, { force: true });
  }
}

/** link() is atomic, and the file has its content from the start, unlike with O_EXCL. */
async function linked(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock of a dead holder. If another process has done so and holds the lock by now, restores that one. */
async function clear(path: string, dead: string): Promise<void> {
  const aside = `${path}-${randomBytes(6).toString('hex')}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await read(aside)) !== dead) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

/** Whether a file beside a lock belongs to a process that waits for the lock. */
export async function isWanted(path: string): Promise<boolean> {
  const waiter = parse(await read(path));
  return waiter !== undefined && (await stillRuns(waiter));
}

function parse(text: string | undefined): ProcessMark | undefined {
  const match = /^(\d+) (\S+) /.exec(text ?? '');
  return match === null ? undefined : { pid: Number(match[1]), started: match[2] ?? '-' };
}

async function read(path: string): Promise<string | undefined> {
  return readFile(path, 'latin1').catch(() => undefined);
}
