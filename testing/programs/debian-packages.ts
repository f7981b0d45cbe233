/**
 * Programs of Debian packages that a test runs without installing them: some of them change the system that they are
 * installed on. They are fetched once, into the cache of node_modules.
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
 * The root of a tree with the files of these packages; fetched if this is the first time.
 *
 * @throws if apt cannot fetch them
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
    // Lists that are old name packages that are gone.
    await download().catch(async () => {
      await run('apt-get', [...options, 'update']);
      await download();
    });
    await mkdir(dirname(folder), { recursive: true });
    const made = await mkdtemp(`${folder}-`);
    for (const file of await readdir(work)) await run('dpkg', ['--extract', join(work, file), made]);
    // Test files run side by side: whoever is first gives it its name, and the others' copies go.
    await rename(made, folder).catch(() => rm(made, { recursive: true, force: true }));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
