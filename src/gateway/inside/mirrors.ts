import { mkdirSync, readdirSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemCodeOf } from '../../errors.ts';
import { bindMount, mountTmpfs, unmount } from '../../system/index.ts';
import type { MissingPath } from './mount-plan.ts';

export interface Mirror {
  /** Its folder. */
  readonly path: string;
  /** Call once, when the last program that uses it has started. */
  release(): void;
}

interface Made {
  readonly path: string;
  users: number;
}

/**
 * Folders in memory that show all entries of a folder of this machine, and some more, which are empty. So a container can
 * have files at a path that does not exist here, and nothing is created there. A mirror does not follow later changes of its
 * folder's own list of entries; what is within them is the machine's own.
 */
export class Mirrors {
  readonly #folder: string;
  readonly #made = new Map<string, Made>();
  #count = 0;

  /** @param folder below a mount that is not copied with others */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A mirror with the same additions is shared. */
  of(parent: string, missing: readonly MissingPath[]): Mirror {
    const paths = [...missing].sort((a, b) => (a.path < b.path ? -1 : 1));
    const key = JSON.stringify([parent, paths]);
    const mirror = this.#made.get(key) ?? this.#make(parent, paths);
    this.#made.set(key, mirror);
    mirror.users += 1;
    return {
      path: mirror.path,
      release: () => {
        mirror.users -= 1;
        if (mirror.users > 0) return;
        this.#made.delete(key);
        unmount(mirror.path);
        rmSync(mirror.path, { recursive: true, force: true });
      },
    };
  }

  #make(parent: string, missing: readonly MissingPath[]): Made {
    const path = join(this.#folder, `mirror-${++this.#count}`);
    mkdirSync(path, { recursive: true });
    mountTmpfs(path, { mode: (statSync(parent).mode & 0o7777).toString(8) });
    const added = new Set(missing.map(({ path: below }) => below.split('/')[0]));
    for (const entry of entriesOf(parent)) {
      if (!added.has(entry.name)) copyEntry(join(parent, entry.name), join(path, entry.name), entry);
    }
    for (const { path: below, kind } of missing) {
      mkdirSync(kind === 'folder' ? join(path, below) : dirname(join(path, below)), { recursive: true });
      if (kind === 'file') writeFileSync(join(path, below), '');
    }
    return { path, users: 0 };
  }
}

/** None for a folder that this user may not read: the container could not read it either. */
function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (systemCodeOf(error) === 'EACCES') return [];
    throw error;
  }
}

interface EntryKind {
  isSymbolicLink(): boolean;
  isDirectory(): boolean;
}

function copyEntry(from: string, to: string, entry: EntryKind): void {
  if (entry.isSymbolicLink()) {
    symlinkSync(readlinkSync(from), to);
    return;
  }
  if (entry.isDirectory()) mkdirSync(to);
  else writeFileSync(to, '');
  try {
    bindMount(from, to);
  } catch {
    // An entry that has gone meanwhile, or that no program may mount.
    rmSync(to, { recursive: true, force: true });
  }
}
