import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ignore } from '@balena/dockerignore';
import { systemCodeOf } from '../../errors.ts';
import type { TarEntry } from '../tar.ts';

type IgnoreFactory = (options: { readonly ignorecase: boolean }) => Ignore;

/** `true`: the path is sent. */
type Filter = (path: string) => boolean;

/**
 * The files of a folder that a build needs, as `docker build` sends them: without those that `.dockerignore` (or
 * `DOCKERFILE.dockerignore`) excludes, but always with the Dockerfile. All belong to root, as with Docker.
 */
export async function* contextEntries(folder: string, dockerfile: string): AsyncGenerator<TarEntry> {
  const filter = await filterOf(folder, dockerfile);
  yield* walk(folder, '', filter);
}

async function filterOf(folder: string, dockerfile: string): Promise<Filter> {
  const patterns =
    (await readIfPresent(join(folder, `${dockerfile}.dockerignore`))) ??
    (await readIfPresent(join(folder, '.dockerignore')));
  if (patterns === undefined) return () => true;
  const { default: ignore } = await import('@balena/dockerignore');
  if (!isFactory(ignore)) throw new TypeError('@balena/dockerignore exports no function');
  const always = new Set([dockerfile, '.dockerignore', `${dockerfile}.dockerignore`]);
  const send = ignore({ ignorecase: false }).add(patterns.split(/\r?\n/)).createFilter();
  return path => always.has(path) || send(path);
}

/** An excluded folder is still read, since a later pattern (`!a/b`) may bring back what is inside; but it is not sent itself. */
async function* walk(folder: string, below: string, filter: Filter): AsyncGenerator<TarEntry> {
  const names = (await readdir(join(folder, below))).sort();
  for (const name of names) {
    const path = below === '' ? name : `${below}/${name}`;
    const full = join(folder, path);
    const stats = await lstat(full);
    const mode = stats.mode & 0o7777;
    if (stats.isDirectory()) {
      if (filter(path)) yield { kind: 'directory', path, mode };
      yield* walk(folder, path, filter);
    } else if (!filter(path)) {
      // Excluded.
    } else if (stats.isSymbolicLink()) {
      yield { kind: 'symlink', path, mode: 0o777, target: await readlink(full) };
    } else if (stats.isFile()) {
      yield { kind: 'stream', path, mode, size: stats.size, open: () => createReadStream(full) };
    }
  }
}

/** The package exports the function itself, unlike what its types state for ECMAScript modules. */
function isFactory(value: unknown): value is IgnoreFactory {
  return typeof value === 'function';
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
