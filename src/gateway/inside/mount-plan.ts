import { lstatSync, mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { SwitchboardError, systemCodeOf } from '../../errors.ts';
import type { Mount } from '../../pods/index.ts';

/** What a container's view of the file system is made of. All targets are free of links. */
export interface MountPlan {
  /** Ordered: what lies below another one comes after it. */
  readonly mounts: readonly Pick<Mount, 'from' | 'to' | 'readOnly'>[];
  /** Existing folder -> what it lacks, as paths below it. */
  readonly missing: ReadonlyMap<string, readonly MissingPath[]>;
}

export interface MissingPath {
  readonly path: string;
  readonly kind: 'file' | 'folder';
}

/**
 * Finds what has to be made so that each mount has a place. Makes places within volumes, and nowhere else: the machine's own
 * folders are never changed.
 *
 * @throws SWB_POD_CONFIG naming the path
 */
export function planMounts(wanted: readonly Mount[]): MountPlan {
  const mounts: Mount[] = [];
  const missing = new Map<string, MissingPath[]>();
  const resolved = wanted.map(mount => ({ ...mount, ...locate(mount.to) }));
  for (const { existing, rest, ...mount } of resolved.sort((a, b) => depth(a.to) - depth(b.to))) {
    const kind = statSync(mount.from).isDirectory() ? 'folder' : 'file';
    const to = join(existing, rest);
    const outer = mounts.findLast(candidate => isBelow(to, candidate.to));
    mounts.push({ ...mount, to });
    if (outer !== undefined) makeWithin(outer, relative(outer.to, to), kind);
    else if (rest !== '') {
      const paths = missing.get(existing) ?? [];
      paths.push({ path: rest, kind });
      missing.set(existing, paths);
    }
  }
  return { mounts, missing };
}

/** The part of a path that exists, without links, and what is left. */
function locate(path: string): { readonly existing: string; readonly rest: string } {
  for (let existing = path, rest = ''; ; ) {
    try {
      return { existing: realpathSync(existing), rest };
    } catch (error) {
      // A folder that this user may not enter counts as missing: the pod gets one that it can see.
      if (existing === '/' || !['ENOENT', 'EACCES', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) throw error;
    }
    rest = join(existing.slice(existing.lastIndexOf('/') + 1), rest);
    existing = dirname(existing);
  }
}

/** Makes the place for a mount in a volume. */
function makeWithin(outer: Mount, path: string, kind: 'file' | 'folder'): void {
  const place = join(outer.from, path);
  if (lstatSync(place, { throwIfNoEntry: false }) !== undefined) return;
  if (!outer.extensible) {
    throw new SwitchboardError(
      'SWB_POD_CONFIG',
      `CreateContainerError: ${outer.to} has no "${path}" to mount a volume at, and Switchboard does not change it; create it in ${outer.from}`,
    );
  }
  mkdirSync(kind === 'folder' ? place : dirname(place), { recursive: true });
  if (kind === 'file') writeFileSync(place, '');
}

export function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder === '/' ? folder : `${folder}/`);
}

function depth(path: string): number {
  return path.split('/').filter(part => part !== '').length;
}
