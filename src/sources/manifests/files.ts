import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, SwitchboardError, systemCodeOf } from '../../errors.ts';

/** One -f argument. */
export interface Input {
  /** As the user wrote it; `-`: standard input. */
  readonly path: string;
}

export interface FoundFile {
  readonly path: string;
  /** Changes with the file; computed from its metadata. */
  readonly stamp: string;
  readonly bytes: number;
}

const MANIFEST = /\.(ya?ml|json)$/i;

/**
 * Finds the manifest files of a path: the file itself, or the `.yaml`, `.yml` and `.json` files of a folder, sorted by
 * name; with `recursive` also those of subfolders, as `kubectl -f` and `-R` do.
 *
 * @throws SWB_INPUT_NOT_FOUND if the path does not exist or cannot be read
 */
export async function findFiles(path: string, recursive: boolean): Promise<FoundFile[]> {
  try {
    const info = await stat(path);
    if (!info.isDirectory()) return [found(path, info)];
    const files: FoundFile[] = [];
    const entries = await readdir(path, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const inner = join(path, entry.name);
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory()) {
        if (recursive) for (const file of await findFiles(inner, recursive)) files.push(file);
      } else if (MANIFEST.test(entry.name)) {
        const file = await stat(inner).catch(ignoreGone);
        if (file?.isFile()) files.push(found(inner, file));
      }
    }
    return files;
  } catch (error) {
    if (SwitchboardError.is(error)) throw error;
    const code = systemCodeOf(error);
    const why =
      code === 'ENOENT'
        ? 'there is no such file or folder'
        : code === 'EACCES'
          ? 'permission denied'
          : messageOf(error);
    throw new SwitchboardError('SWB_INPUT_NOT_FOUND', `${path}: ${why}`, { cause: error, details: { path } });
  }
}

/** Whether an error of `findFiles` means that the path does not exist; others, such as EMFILE, say nothing about it. */
export function isGone(error: unknown): boolean {
  const code = systemCodeOf(SwitchboardError.is(error) ? error.cause : error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** A link may lead nowhere, or in a circle. */
function ignoreGone(error: unknown): undefined {
  if (!isGone(error) && systemCodeOf(error) !== 'ELOOP') throw error;
}

/** @throws SWB_INPUT_TOO_LARGE, SWB_INPUT_NOT_FOUND */
export async function readManifestFile(file: FoundFile, maxBytes: number): Promise<string> {
  if (file.bytes > maxBytes) throw tooLarge(file.path, file.bytes, maxBytes);
  try {
    return await readFile(file.path, 'utf8');
  } catch (error) {
    throw new SwitchboardError('SWB_INPUT_NOT_FOUND', `${file.path}: ${messageOf(error)}`, { cause: error });
  }
}

/** Reads a stream to its end. @throws SWB_INPUT_TOO_LARGE */
export async function readStream(stream: AsyncIterable<Buffer | string>, maxBytes: number): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of stream) {
    const buffer = typeof part === 'string' ? Buffer.from(part) : part;
    bytes += buffer.length;
    if (bytes > maxBytes) throw tooLarge('standard input', bytes, maxBytes);
    parts.push(buffer);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Includes ctime: tools may set mtime to any value, and a change of permissions does not change it. */
function found(path: string, info: { mtimeMs: number; ctimeMs: number; size: number; ino: number }): FoundFile {
  return { path, stamp: `${info.ino} ${info.mtimeMs} ${info.ctimeMs} ${info.size}`, bytes: info.size };
}

function tooLarge(path: string, bytes: number, max: number): SwitchboardError {
  const megabytes = (n: number) => `${(n / 1048576).toFixed(1)} MiB`;
  const message = `${path} has at least ${megabytes(bytes)}; the limit is ${megabytes(max)}: split it, or raise --max-input-mib`;
  return new SwitchboardError('SWB_INPUT_TOO_LARGE', message, { details: { path, bytes, most: max } });
}
