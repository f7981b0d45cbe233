import { lstatSync, mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { runtimeFolder } from './runtime-folder.ts';
import { makeStateFolder } from './state-folder.ts';

/** linux/magic.h */
const TMPFS = 0x01021994;

/**
 * A folder that only this user can enter, for files such as those of Secrets: in memory where the system has such a place,
 * else in the folder of this user's state, which programs in virtual machines see, too.
 */
export function memoryFolder(): string {
  if (process.platform !== 'linux') return makeStateFolder();
  const runtime = runtimeFolder();
  if (isInMemory(runtime)) return runtime;
  const folder = join('/dev/shm', `switchboard-${process.getuid?.() ?? 0}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Not another user's, who could have made it before.
    const found = lstatSync(folder);
    const isOwn = found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
    if (isOwn && isInMemory(folder)) return folder;
  } catch {
    // There is no such place here.
  }
  return makeStateFolder();
}

function isInMemory(folder: string): boolean {
  return statfsSync(folder).type === TMPFS;
}
