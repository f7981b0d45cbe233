/**
 * Programs of Debian packages that a test runs without installing them, since some of them change the system on which
 * they are installed. Downloaded once, into the cache of node_modules.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const CACHE = resolve(import.meta.dirname, '../../node_modules/.cache/debian');

/**
 * Returns the root of a tree with the files of these packages; the first call downloads them.
 *
 * @throws if apt cannot download them
 */
export async function debianPackages(...names: readonly string[]): Promise<string> {
  const folder = join(CACHE, names.join('+'));
  if (!existsSync(folder)) await fetchInto(folder, names);
  return folder;
}

async function fetchInto(folder: string, names: readonly string[]): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'switchboard-debian-'));
  try {
    const options = ['-o', 'APT::Sandbox::User=root', '-q'];
    const download = () => run('apt-get', [...options, 'download', ...names], { cwd: work });
    // Outdated lists name packages that no longer exist.
    await download().catch(async () => {
      await run('apt-get', [...options, 'update']);
      await download();
    });
    await mkdir(dirname(folder), { recursive: true });
    const made = await mkdtemp(`${folder}-`);
    for (const file of await readdir(work)) await run('dpkg', ['--extract', join(work, file), made]);
    // Test files run concurrently: the first rename wins, and the other copies are removed.
    await rename(made, folder).catch(() => rm(made, { recursive: true, force: true }));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
