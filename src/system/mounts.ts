import { errno, libc, systemError } from './libc.ts';

const MS_BIND = 4096;
const MS_REC = 16_384;
const MS_UNBINDABLE = 131_072;
const MNT_DETACH = 2;

/** Mounts a folder or file, with all that is mounted below it, over another one. @throws with the system's code */
export function bindMount(from: string, to: string): void {
  check(libc().mount(from, to, null, MS_BIND | MS_REC, null), `mount ${from} at ${to}`);
}

/** @param sizeBytes undefined: half of the memory. @throws with the system's code */
export function mountTmpfs(at: string, options: { readonly mode: string; readonly sizeBytes?: bigint }): void {
  const size = options.sizeBytes === undefined ? '' : `,size=${options.sizeBytes}`;
  check(libc().mount('switchboard', at, 'tmpfs', 0, `mode=${options.mode}${size}`), `mount a tmpfs at ${at}`);
}

/** Leaves a mount out of copies that {@link bindMount} makes of what is above it. */
export function makeUnbindable(path: string): void {
  check(libc().mount('none', path, null, MS_UNBINDABLE, null), `change the mount ${path}`);
}

/** Removes a mount at once, even if it is in use. */
export function unmount(path: string): void {
  check(libc().umount2(path, MNT_DETACH), `unmount ${path}`);
}

function check(result: number, what: string): void {
  if (result === -1) throw systemError(what, errno());
}
