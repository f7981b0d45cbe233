/**
 * Extended attributes of files (xattr(7)): SELinux labels, access control lists, and what users store. Linux; elsewhere
 * no file has any here.
 *
 * @module
 */
import { errno, errnoName, libc, systemError } from './libc.ts';

/**
 * Gives a file the extended attributes of another.
 *
 * @throws the system's error if one cannot be set, for example for lack of privileges
 */
export function copyXattrs(from: string, to: string): void {
  for (const name of xattrNames(from)) {
    const value = xattr(from, name);
    if (value === undefined || xattr(to, name)?.equals(value) === true) continue;
    if (libc().setxattr(to, name, value, value.length, 0) < 0) throw systemError(`setxattr ${name}`, errno());
  }
}

export function xattrNames(path: string): string[] {
  if (process.platform !== 'linux') return [];
  const names = read((buffer, size) => libc().listxattr(path, buffer, size), 'listxattr');
  return names?.toString('utf8').split('\0').filter(Boolean) ?? [];
}

/** The value of an attribute; undefined if the file does not have it. */
export function xattr(path: string, name: string): Buffer | undefined {
  return read((buffer, size) => libc().getxattr(path, name, buffer, size), 'getxattr');
}

/** Calls with the size that the system asks for; again if it has grown between the two calls. */
function read(call: (buffer: Buffer | null, size: number) => number, name: string): Buffer | undefined {
  for (;;) {
    const size = call(null, 0);
    if (size >= 0) {
      const buffer = Buffer.alloc(size);
      const length = size === 0 ? 0 : call(buffer, size);
      if (length >= 0) return buffer.subarray(0, length);
    }
    const code = errnoName(errno());
    if (NONE.has(code)) return undefined;
    if (code !== 'ERANGE') throw systemError(name, errno());
  }
}

/** There is no such attribute, or the file system has none at all. */
const NONE: ReadonlySet<string> = new Set(['ENODATA', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);
