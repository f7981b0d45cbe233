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
  // A container's user may have a number and no name, which userInfo() takes for an error.
  const uid = process.getuid?.() ?? userInfo().uid;
  const folder = base === undefined ? join(tmpdir(), `switchboard-${uid}`) : join(base, 'switchboard');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid: owner, mode } = statSync(folder);
  if (process.getuid !== undefined && (owner !== uid || (mode & 0o077) !== 0)) {
    throw new SwitchboardError(
      'SWB_RUNTIME_FOLDER',
      `${folder} belongs to another user or is open to others: remove it, or set XDG_RUNTIME_DIR`,
    );
  }
  return folder;
}

/**
 * Where instances of the user may be who asked for a program to be run as root (sudo, doas): what changes the system
 * has to be root, and must not start `up` as root for it. Nothing that is found there may be trusted beyond that user.
 */
export function callersFolders(): string[] {
  const caller = process.env.SUDO_UID ?? process.env.DOAS_UID ?? '';
  if (process.getuid?.() !== 0 || !/^[1-9]\d*$/.test(caller)) return [];
  return [`/run/user/${caller}/switchboard`, join(tmpdir(), `switchboard-${caller}`)].filter(folder => {
    const found = statSync(folder, { throwIfNoEntry: false });
    return found?.isDirectory() === true && found.uid === Number(caller);
  });
}
