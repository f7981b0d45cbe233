import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { SwitchboardError, systemCodeOf } from '../../errors.ts';
import { markOf, type ProcessMark, stillRuns } from './process-mark.ts';

const WAIT_MS = 10_000;
const LOOK_AGAIN_MS = 25;

/**
 * Does something while nobody else with the same lock does. The lock is a file with its holder's pid and start, so that
 * one which a crash has left is told from one that is held.
 *
 * @throws SWB_SETUP_CONFLICT if it is held for too long; what the work throws
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const { pid, started } = await markOf(process.pid);
  // Two of one process must not take each other's for their own.
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

/** A link is made or not made at once, and the file has its text from its first moment: O_EXCL has it only later. */
async function linked(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Takes a dead holder's lock away; if another has done so and holds it by now, that one is put back. */
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

/** Whether a file beside a lock is that of a process that waits for it. */
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
