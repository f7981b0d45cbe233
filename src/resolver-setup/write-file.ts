import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemCodeOf } from '../errors.ts';
import { copyXattrs } from '../system/index.ts';

/** A file at which another is mounted can be written to, but no other file can take its place. */
const MOUNTED: ReadonlySet<string | undefined> = new Set(['EBUSY', 'EXDEV']);

/**
 * Replaces the bytes of a file, so that readers see the old or the new ones and never half of them, whatever happens:
 * it writes and syncs a file beside it and renames that. Mode, owner and, on Linux, extended attributes stay (SELinux
 * labels and access control lists are among them); a link is followed.
 *
 * Where a rename would lose something, the file is written in place, with the old bytes kept beside it meanwhile
 * (`recoverFile`): a file that is mounted, as in containers, that has other hard links, or whose owner or extended
 * attributes this process may not give to another file.
 *
 * @throws the system's errors
 */
export async function replaceFile(path: string, bytes: Buffer): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const before = await stat(target).catch(() => undefined);
  if (before !== undefined && before.nlink > 1) {
    await writeInPlace(target, bytes);
    return;
  }
  const beside = join(dirname(target), `.${basename(target)}.switchboard-${randomBytes(6).toString('hex')}`);
  try {
    await writeSynced(beside, bytes, before?.mode);
    if (before === undefined || (await takesAfter(beside, target, before))) {
      await rename(beside, target);
      await syncFolder(dirname(target));
      return;
    }
  } catch (error) {
    await rm(beside, { force: true });
    if (!MOUNTED.has(systemCodeOf(error))) throw error;
  }
  await rm(beside, { force: true });
  await writeInPlace(target, bytes);
}

/** Gives a new file the owner and the extended attributes of the one that it is to replace. @returns whether it could */
async function takesAfter(beside: string, target: string, { uid, gid }: Stats): Promise<boolean> {
  try {
    await giveTo(beside, uid, gid);
    copyXattrs(target, beside);
    return true;
  } catch {
    return false;
  }
}

/** Puts the old bytes back where writing in place was cut short. @returns whether it was */
export async function recoverFile(path: string): Promise<boolean> {
  const target = await realpath(path).catch(() => path);
  const kept = await readFile(keptPath(target)).catch(() => undefined);
  if (kept === undefined) return false;
  await overwrite(target, kept);
  await rm(keptPath(target), { force: true });
  return true;
}

function keptPath(target: string): string {
  return join(dirname(target), `.${basename(target)}.switchboard-kept`);
}

async function writeInPlace(target: string, bytes: Buffer): Promise<void> {
  // Fails here, if it may not be written at all, and not when the old bytes stand beside it.
  await (await open(target, 'r+')).close();
  const kept = keptPath(target);
  const unfinished = `${kept}-unfinished`;
  await writeSynced(unfinished, await readFile(target), 0o600);
  await rename(unfinished, kept);
  await overwrite(target, bytes);
  await rm(kept, { force: true });
}

async function overwrite(target: string, bytes: Buffer): Promise<void> {
  const file = await open(target, 'r+');
  try {
    for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at, at)).bytesWritten;
    await file.truncate(bytes.length);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeSynced(path: string, bytes: Buffer, mode = 0o644): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    // Whatever the umask is.
    await file.chmod(mode & 0o7777);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function giveTo(path: string, uid: number, gid: number): Promise<void> {
  const own = await lstat(path);
  if (own.uid === uid && own.gid === gid) return;
  const file = await open(path, 'r+');
  try {
    await file.chown(uid, gid);
  } finally {
    await file.close();
  }
}

/** So that the new name outlives a power cut; not every system lets a folder be opened. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
