import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { promisify } from 'node:util';
import type { TarEntry } from '../../engine/index.ts';
import { SwitchboardError } from '../../errors.ts';
import { fileEntry, packageFiles } from './package-files.ts';

/** Where the image has Node and sleep. */
export const NODE = '/usr/bin/node';
export const SLEEP = '/usr/bin/sleep';

const FOLDERS = ['tmp', 'etc', 'volumes'];

/**
 * The root file system of a gateway's image: this machine's own Node, `sleep`, the libraries that both load, and this
 * program. For engines with the same processor on Linux, so that no registry is needed.
 *
 * @throws SWB_GATEWAY
 */
export async function rootFiles(): Promise<readonly TarEntry[]> {
  const sleep = realpathSync('/bin/sleep');
  const programs = new Map([
    [realpathSync(process.execPath), NODE],
    [sleep, SLEEP],
  ]);
  const libraries = new Set<string>();
  for (const program of programs.keys()) for (const path of await librariesOf(program)) libraries.add(path);
  return [
    ...FOLDERS.map((path): TarEntry => ({ kind: 'directory', path, mode: path === 'tmp' ? 0o1777 : 0o755 })),
    ...[...programs].map(([from, to]) => fileEntry(from, to.slice(1))),
    ...[...libraries].map(path => fileEntry(path, path.slice(1))),
    ...packageFiles(),
  ];
}

/** The shared libraries of a program and its loader, at the paths at which it looks for them. */
async function librariesOf(program: string): Promise<readonly string[]> {
  try {
    const { stdout } = await promisify(execFile)('ldd', [program]);
    return parseLdd(stdout);
  } catch (error) {
    const said = error instanceof Error && 'stdout' in error ? String(error.stdout) + String(error) : String(error);
    // What both glibc's and musl's ldd say of a program that loads none.
    if (/not a dynamic executable|not a valid dynamic program/i.test(said)) return [];
    throw new SwitchboardError('SWB_GATEWAY', `cannot find the libraries of ${program}: ldd: ${said.trim()}`);
  }
}

/** Reads `libm.so.6 => /lib/libm.so.6 (0x...)` and `/lib64/ld-linux-x86-64.so.2 (0x...)`. @throws SWB_GATEWAY */
export function parseLdd(text: string): readonly string[] {
  return text.split('\n').flatMap(line => {
    const [, name = '', path] = /^\s*(\S+)(?: => (.+?))?(?: \(0x[0-9a-f]+\))?$/.exec(line) ?? [];
    if (path === 'not found') throw new SwitchboardError('SWB_GATEWAY', `the library ${name} is not found (ldd)`);
    const found = path ?? name;
    return found.startsWith('/') ? [found] : [];
  });
}
