import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { SwitchboardError } from '../errors.ts';

/** How a command gets a world of its own on this machine: the words before it that make it. */
export interface Isolation {
  /** `unshare` with its flags. What follows them is root of the new namespaces, and nowhere else. */
  readonly enter: readonly string[];
  /** What turns that root back into the user who asked; empty where that is root already. */
  readonly become: readonly string[];
  /** When the first process ends, the kernel ends all others: nothing can be left behind. */
  readonly endsAll: boolean;
}

const NAMESPACES = ['--mount', '--net'];
const PROCESSES = ['--pid', '--fork', '--kill-child', '--mount-proc'];
const USER = ['--user', '--map-root-user'];

/**
 * Tries what this machine allows, the most thorough way first. Root needs no user namespace, and keeps its reach over
 * everybody's files without one; but root of a container may be refused without.
 *
 * @throws SWB_RUN_UNSUPPORTED with what the system says, and what would help
 */
export function findIsolation(): Isolation {
  if (process.platform !== 'linux') {
    throw unsupported(`namespaces are part of Linux, and this is ${process.platform}`);
  }
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  const become = uid === 0 ? [] : ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`];
  const bases = uid === 0 ? [NAMESPACES, [...USER, ...NAMESPACES]] : [[...USER, ...NAMESPACES]];
  let said = '';
  for (const base of bases) {
    // A container that masks parts of /proc lets nobody mount another one.
    for (const [flags, endsAll] of [[[...base, ...PROCESSES], true] as const, [base, false] as const]) {
      const enter = ['unshare', ...flags];
      const refused = attempt([...enter, ...become, 'true']);
      if (refused === undefined) return { enter, become, endsAll };
      said ||= refused;
    }
  }
  throw unsupported(`${said}${advice()}`);
}

/** @returns undefined if it went well, else what was said */
function attempt([program = '', ...args]: readonly string[]): string | undefined {
  const { error, status, stderr } = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (error !== undefined) {
    const missing = 'code' in error && error.code === 'ENOENT';
    return missing ? 'there is no program "unshare"; it is part of util-linux' : error.message;
  }
  return status === 0 ? undefined : stderr.trim().split('\n').at(-1) || `unshare ended with code ${status}`;
}

/** The switches by which distributions take user namespaces away, and what would give them back. */
const SWITCHES = [
  { path: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns', closed: '1', open: '0' },
  { path: '/proc/sys/kernel/unprivileged_userns_clone', closed: '0', open: '1' },
  { path: '/proc/sys/user/max_user_namespaces', closed: '0', open: '15000' },
] as const;

function advice(): string {
  for (const { path, closed, open } of SWITCHES) {
    if (read(path) !== closed) continue;
    const name = path.replace('/proc/sys/', '').replaceAll('/', '.');
    return `. This system keeps user namespaces from users: as root, sysctl ${name}=${open} allows them`;
  }
  return '';
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function unsupported(why: string): SwitchboardError {
  return new SwitchboardError('SWB_RUN_UNSUPPORTED', `run cannot make a network for the command here: ${why}`);
}
