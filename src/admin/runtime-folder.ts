import { mkdirSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { SwitchboardError } from '../errors.ts';

/**
 * Where the sockets of running instances are: a folder that only this user can enter.
 *
 * @throws SWB_RUNTIME_FOLDER if it is somebody else's, or open to others
 */
export function runtimeFolder(): string {
  const base = process.env.XDG_RUNTIME_DIR;
  const folder = base === undefined ? join(tmpdir(), `switchboard-${userInfo().uid}`) : join(base, 'switchboard');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(folder);
  if (process.getuid !== undefined && (uid !== process.getuid() || (mode & 0o077) !== 0)) {
    throw new SwitchboardError(
      'SWB_RUNTIME_FOLDER',
      `${folder} belongs to another user or is open to others: remove it, or set XDG_RUNTIME_DIR`,
    );
  }
  return folder;
}
