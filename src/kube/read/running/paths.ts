import type { Field } from '../field.ts';
import { shown } from '../wording.ts';

const MAX_MODE = 0o777;

/** Faults a path of a file in a volume that could leave the volume. */
export function requireFilePath(field: Field, path: string): void {
  requireDescendingPath(field, path);
  if (path.startsWith('..') && path !== '..' && !path.startsWith('../')) {
    field.fault(`${shown(path)} starts with "..", which volumes use for their own files`, 'rename the file');
  }
}

/** Faults a path that is absolute or has a part `..`. */
export function requireDescendingPath(field: Field, path: string): void {
  if (path.startsWith('/')) field.fault(`${shown(path)} is absolute`, 'write it without the leading "/"');
  requireNoBacksteps(field, path);
}

export function requireNoBacksteps(field: Field, path: string): void {
  if (path.split('/').includes('..')) field.fault(`${shown(path)} contains ".."`, 'write the path without ".."');
}

/** Reads the mode of a file: 0 to 0777. */
export function readMode(field: Field): number | undefined {
  const mode = field.integer();
  if (mode !== undefined && (mode < 0 || mode > MAX_MODE)) {
    const fix = 'write an octal number such as 0644, or its decimal value, 420';
    field.fault(`${mode} is not a file mode: modes are 0 to 0777 (511 in decimal)`, fix);
  }
  return mode;
}
