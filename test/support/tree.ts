/**
 * A system's file tree in a temporary folder: real files and links, separate from the machine's own.
 *
 * @module
 */
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

export interface SystemTree extends AsyncDisposable {
  readonly root: string;
  /** Everything in the tree: folders end with a slash, links have their target. */
  contents(): Promise<Readonly<Record<string, string>>>;
}

/** @param files path -> text; `-> TARGET` makes a link, a path that ends with a slash a folder */
export async function systemTree(files: Readonly<Record<string, string>>): Promise<SystemTree> {
  const root = await mkdtemp(join(tmpdir(), 'switchboard-tree-'));
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, name);
    await mkdir(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (name.endsWith('/')) continue;
    if (text.startsWith('-> ')) await symlink(text.slice(3), path);
    else await writeFile(path, text);
  }
  return {
    root,
    contents: async () => {
      const entries = await readdir(root, { recursive: true, withFileTypes: true });
      const found = await Promise.all(
        entries.map(async entry => {
          const path = join(entry.parentPath, entry.name);
          const name = relative(root, path);
          if (entry.isDirectory()) return [`${name}/`, ''] as const;
          return [
            name,
            entry.isSymbolicLink() ? `-> ${await readlink(path)}` : await readFile(path, 'latin1'),
          ] as const;
        }),
      );
      return Object.fromEntries(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}
