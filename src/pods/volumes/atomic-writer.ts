import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Payload } from './payload.ts';

const DATA = '..data';
const DATA_NEW = '..data_tmp';

/**
 * Writes the files of a volume with the kubelet's layout (`AtomicWriter`), which programs watch: a dated folder holds the
 * files, `..data` links to it, and each visible name links into `..data`. Programs see all of an update or nothing.
 *
 * @returns whether anything changed
 */
export function writePayload(folder: string, payload: Payload, now: Date): boolean {
  mkdirSync(folder, { recursive: true });
  const old = linkTarget(join(folder, DATA));
  if (old !== undefined && isSame(join(folder, old), payload)) return false;
  const dated = datedName(folder, now);
  mkdirSync(join(folder, dated));
  chmodSync(join(folder, dated), 0o755);
  for (const [path, { bytes, mode }] of payload) {
    const file = join(folder, dated, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(file, bytes);
    // Whatever the umask is.
    chmodSync(file, mode);
  }
  rmSync(join(folder, DATA_NEW), { force: true });
  symlinkSync(dated, join(folder, DATA_NEW));
  renameSync(join(folder, DATA_NEW), join(folder, DATA));
  link(folder, new Set([...payload.keys()].map(path => path.split('/')[0] ?? '')));
  if (old !== undefined) rmSync(join(folder, old), { recursive: true, force: true });
  return true;
}

/** `..2026_11_28_14_14_33.123` */
function datedName(folder: string, now: Date): string {
  const time = now.toISOString().slice(0, 19).replace('T', '_').replaceAll(/[-:]/g, '_');
  const taken = new Set(readdirSync(folder));
  for (let count = now.getMilliseconds(); ; count += 1) {
    const name = `..${time}.${String(count).padStart(3, '0')}`;
    if (!taken.has(name)) return name;
  }
}

/** Makes a link for each visible name, and removes those of names that are gone. */
function link(folder: string, names: ReadonlySet<string>): void {
  for (const name of names) {
    if (linkTarget(join(folder, name)) === undefined) symlinkSync(join(DATA, name), join(folder, name));
  }
  for (const name of readdirSync(folder)) {
    if (!names.has(name) && linkTarget(join(folder, name)) === join(DATA, name)) rmSync(join(folder, name));
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function isSame(folder: string, payload: Payload): boolean {
  try {
    const found = filesBelow(folder);
    if (found.length !== payload.size) return false;
    return found.every(path => {
      const file = payload.get(path);
      const full = join(folder, path);
      return (
        file !== undefined &&
        (statSync(full).mode & 0o777) === file.mode &&
        Buffer.compare(readFileSync(full), file.bytes) === 0
      );
    });
  } catch {
    // A mode may forbid to read a file: it is written again.
    return false;
  }
}

function filesBelow(folder: string, prefix = ''): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry =>
    entry.isDirectory() ? filesBelow(join(folder, entry.name), `${prefix}${entry.name}/`) : [`${prefix}${entry.name}`],
  );
}
