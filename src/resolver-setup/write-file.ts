import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemCodeOf } from '../errors.ts';
import { copyXattrs } from '../system/index.ts';

/** A mount point can be written, but not replaced by a rename. */
const MOUNTED: ReadonlySet<string | undefined> = new Set(['EBUSY', 'EXDEV']);

/**
 * Replaces the content of a file atomically: writes and syncs a file beside it, then renames that. Keeps mode, owner and,
 * on Linux, extended attributes (which include SELinux labels and access control lists); follows links.
 *
 * Where a rename would lose something, it writes in place and keeps a copy of the old content meanwhile (`recoverFile`):
 * for a file that is mounted, as in containers, that has other hard links, or whose owner or extended attributes this
 * process may not set.
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
    if (before === undefined || (await copyOwnership(beside, target, before))) {
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

/** Sets the owner and the extended attributes of another file. @returns whether that succeeded */
async function copyOwnership(beside: string, target: string, { uid, gid }: Stats): Promise<boolean> {
  try {
    await giveTo(beside, uid, gid);
    copyXattrs(target, beside);
    return true;
  } catch {
    return false;
  }
}

/** Restores the old content if writing in place was interrupted. @returns whether it was */
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
  // Fails here if the file is not writable, before a copy is left beside it.
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
    // Independent of the umask.
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

/** Makes the rename durable; not every system allows to open a folder. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
