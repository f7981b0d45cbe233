import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRecord, parseJson } from '../../data/index.ts';
import type { TarEntry } from '../../engine/index.ts';
import { SwitchboardError } from '../../errors.ts';

/** Where the image has this program. */
export const APP = 'switchboard';
/** What the gateway container runs. */
export const PROGRAM = `/${APP}/dist/gateway/container/main.js`;
/** The libraries that the program loads; others of this package stay out. */
const LIBRARIES = ['ipaddr.js', 'koffi'];

/** The folder of the installed package: this file is at the same depth in `src` and in `dist`. */
export function packageFolder(): string {
  return fileURLToPath(new URL('../../..', import.meta.url));
}

/** The files of this program as a gateway needs them: its compiled modules and their libraries. @throws SWB_GATEWAY */
export function* packageFiles(root: string = packageFolder()): Generator<TarEntry> {
  const dist = join(root, 'dist');
  if (!existsSync(join(dist, 'gateway/container/main.js'))) {
    throw new SwitchboardError('SWB_GATEWAY', `${dist} has no compiled program; run: npm run build`);
  }
  yield fileEntry(join(root, 'package.json'), `${APP}/package.json`);
  yield* folderEntries(dist, `${APP}/dist`, path => path.endsWith('.js'));
  for (const folder of libraryFolders(root)) {
    yield* folderEntries(folder.path, `${APP}/node_modules/${folder.name}`, isRuntimeFile);
  }
}

interface Library {
  readonly name: string;
  readonly path: string;
}

/** The libraries with their own dependencies, as Node finds them from the package. */
function libraryFolders(root: string): readonly Library[] {
  const found = new Map<string, Library>();
  const take = (name: string, from: string, isOptional: boolean): void => {
    if (found.has(name)) return;
    const path = findModule(name, from);
    if (path === undefined) {
      if (isOptional) return;
      throw new SwitchboardError('SWB_GATEWAY', `the library ${name} is not installed beside ${root}`);
    }
    found.set(name, { name, path });
    const manifest = parseJson(readFileSync(join(path, 'package.json'), 'utf8'));
    for (const [field, optional] of [
      ['dependencies', false],
      ['optionalDependencies', true],
    ] as const) {
      const names = isRecord(manifest) && isRecord(manifest[field]) ? Object.keys(manifest[field]) : [];
      for (const each of names) take(each, path, optional);
    }
  };
  for (const name of LIBRARIES) take(name, root, false);
  return [...found.values()];
}

function findModule(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name);
    if (existsSync(join(path, 'package.json'))) return path;
    if (folder === dirname(folder)) return undefined;
  }
}

/** What a package has for people and compilers. */
const LEFT_OUT = /(?:^|\/)(?:node_modules|docs?|tests?|vendor)\/|\.(?:md|map|ts|c|cc|cpp|h|hh|hpp|inc|s|asm)$/i;

function isRuntimeFile(path: string): boolean {
  return !LEFT_OUT.test(path);
}

function* folderEntries(folder: string, to: string, wanted: (path: string) => boolean): Generator<TarEntry> {
  for (const found of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!found.isFile()) continue;
    const path = join(found.parentPath, found.name);
    const below = relative(folder, path).replaceAll('\\', '/');
    if (wanted(below)) yield fileEntry(path, `${to}/${below}`);
  }
}

/** A file of this machine, links followed. */
export function fileEntry(from: string, to: string): TarEntry {
  const { size, mode } = statSync(from);
  return { kind: 'stream', path: to, mode: mode & 0o755, size, open: () => createReadStream(from) };
}
