import { existsSync, mkdirSync, realpathSync, type Stats, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { VolumeSource } from '../../kube/index.ts';
import { setUpFailed } from './payload.ts';

type HostPath = Extract<VolumeSource, { kind: 'hostPath' }>;

const KINDS: Readonly<Partial<Record<HostPath['type'], readonly [what: string, is: (found: Stats) => boolean]>>> = {
  Directory: ['a directory', found => found.isDirectory()],
  DirectoryOrCreate: ['a directory', found => found.isDirectory()],
  File: ['a file', found => found.isFile()],
  FileOrCreate: ['a file', found => found.isFile()],
  Socket: ['a socket', found => found.isSocket()],
  CharDevice: ['a character device', found => found.isCharacterDevice()],
  BlockDevice: ['a block device', found => found.isBlockDevice()],
};

/**
 * The path of a hostPath volume on this machine.
 *
 * @param allowed folders that the user allows
 * @throws SWB_POD_CONFIG if it is not allowed, or not of its type
 */
export function hostPath(volume: string, { path, type }: HostPath, allowed: readonly string[]): string {
  const found = realPath(path);
  if (!allowed.some(folder => isWithin(found, realPath(folder)))) {
    const why = `hostPath ${path} is a path of this machine, which manifests may not use; allow it with --allow-host-path ${path}`;
    throw setUpFailed(volume, why);
  }
  if (!existsSync(path)) {
    if (type === 'DirectoryOrCreate') mkdirSync(path, { recursive: true, mode: 0o755 });
    if (type === 'FileOrCreate') writeFileSync(path, '', { mode: 0o644 });
  }
  const [what, is] = KINDS[type] ?? ['an existing path', () => true];
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !is(stats))
    throw setUpFailed(volume, `hostPath type check failed: ${path} is not ${what}`);
  return found;
}

/** Links of the part that exists are followed, so that none leads out of an allowed folder. */
function realPath(path: string): string {
  const full = resolve(path);
  for (let existing = full; existing !== '/'; existing = resolve(existing, '..')) {
    if (existsSync(existing)) return resolve(realpathSync(existing), full.slice(existing.length + 1));
  }
  return full;
}

function isWithin(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}
