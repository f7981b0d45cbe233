import { lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { SwitchboardError } from '../errors.ts';

/**
 * The folder of the sockets of running instances, which only this user can enter.
 *
 * @throws SWB_RUNTIME_FOLDER if it is a link, belongs to another user, or is open to others
 */
export function runtimeFolder(): string {
  const base = process.env.XDG_RUNTIME_DIR;
  // A container's user may have a number and no name, which userInfo() reports as an error.
  const uid = process.getuid?.() ?? userInfo().uid;
  const folder = base === undefined ? join(tmpdir(), `switchboard-${uid}`) : join(base, 'switchboard');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (process.getuid !== undefined && !isPrivateTo(folder, uid)) {
    throw new SwitchboardError(
      'SWB_RUNTIME_FOLDER',
      `${folder} is a link, belongs to another user or is open to others: remove it, or set XDG_RUNTIME_DIR`,
    );
  }
  return folder;
}

/** The socket of an instance that may be running. */
export interface StateSocket {
  readonly path: string;
  /** The pid in its name. */
  readonly pid: number;
  /** Whether it belongs to this user, and not to the user who ran sudo. */
  readonly own: boolean;
}

/**
 * The sockets of this user's instances; as root by way of sudo or doas, also those of the user who ran it: commands that
 * change the system need root, and `up` should not run as root just for them.
 *
 * @throws SWB_RUNTIME_FOLDER
 */
export function stateSockets(): StateSocket[] {
  const own = socketsIn(runtimeFolder(), process.getuid?.()).map(socket => ({ ...socket, own: true }));
  const caller = process.env.SUDO_UID ?? process.env.DOAS_UID ?? '';
  if (process.getuid?.() !== 0 || !/^[1-9]\d*$/.test(caller)) return own;
  const uid = Number(caller);
  const callers = [`/run/user/${caller}/switchboard`, join(tmpdir(), `switchboard-${caller}`)]
    .filter(folder => isPrivateTo(folder, uid))
    .flatMap(folder => socketsIn(folder, uid));
  return [...own, ...callers.map(socket => ({ ...socket, own: false }))];
}

function socketsIn(folder: string, uid: number | undefined): Omit<StateSocket, 'own'>[] {
  return readdirSync(folder).flatMap(name => {
    const pid = /^up-(\d{1,10})\.sock$/.exec(name)?.[1];
    const path = join(folder, name);
    return pid !== undefined && isSocketOf(path, uid) ? [{ path, pid: Number(pid) }] : [];
  });
}

/** Whether a path is a socket of a user; links do not count. */
function isSocketOf(path: string, uid: number | undefined): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isSocket() === true && (uid === undefined || found.uid === uid);
}

function isPrivateTo(folder: string, uid: number): boolean {
  // Not through a link: in a temporary folder any user could make one that leads elsewhere.
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === uid && (found.mode & 0o077) === 0;
}
