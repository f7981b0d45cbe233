import { existsSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

/** Whether a command would find its program: a path from a folder, or else a name in the folders of PATH. */
export function hasProgram(program: string, path: string | undefined, directory: string): boolean {
  const folders = program.includes('/') ? [directory] : (path ?? '').split(delimiter);
  return folders.some(folder => existsSync(resolve(folder, program)));
}
