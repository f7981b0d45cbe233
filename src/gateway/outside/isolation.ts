import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { SwitchboardError } from '../../errors.ts';
import type { Entry } from '../entered.ts';

/** How to create namespaces on this machine: commands to put in front of another one. */
export interface Isolation extends Entry {
  /** `unshare` with its flags. The command that follows is root in the new namespaces, and nowhere else. */
  readonly enter: readonly string[];
}

const NAMESPACES = ['--mount', '--net'];
const PROCESSES = ['--pid', '--fork', '--kill-child', '--mount-proc'];
const USER = ['--user', '--map-root-user'];

/**
 * Finds the strongest isolation that this machine allows. Root needs no user namespace and keeps its access to all
 * files without one, but root in a container may be allowed namespaces only with one.
 *
 * @throws SWB_RUN_UNSUPPORTED with the system's reason and a fix
 */
export function findIsolation(): Isolation {
  if (process.platform !== 'linux') {
    throw unsupported(`namespaces need Linux, and this is ${process.platform}`);
  }
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  const become = uid === 0 ? [] : ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`];
  const bases = uid === 0 ? [NAMESPACES, [...USER, ...NAMESPACES]] : [[...USER, ...NAMESPACES]];
  let reason = '';
  for (const base of bases) {
    // A container that masks parts of /proc does not allow to mount another one.
    for (const [flags, endsAll] of [[[...base, ...PROCESSES], true] as const, [base, false] as const]) {
      const enter = ['unshare', ...flags];
      const refused = attempt([...enter, ...become, 'sh', '-c', ':']);
      if (refused === undefined) return { enter, become, endsAll };
      reason ||= refused;
    }
  }
  throw unsupported(`${reason}${advice()}`);
}

/** @returns undefined on success, else the program's error message */
function attempt([program = '', ...args]: readonly string[]): string | undefined {
  const { error, status, stderr } = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (error !== undefined) {
    const missing = 'code' in error && error.code === 'ENOENT';
    return missing ? 'the program "unshare" is missing; it is part of util-linux' : error.message;
  }
  return status === 0 ? undefined : stderr.trim().split('\n').at(-1) || `unshare ended with code ${status}`;
}

/** The sysctls by which distributions disable user namespaces, and the values that enable them. */
const SWITCHES = [
  { path: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns', closed: '1', open: '0' },
  { path: '/proc/sys/kernel/unprivileged_userns_clone', closed: '0', open: '1' },
  { path: '/proc/sys/user/max_user_namespaces', closed: '0', open: '15000' },
] as const;

function advice(): string {
  for (const { path, closed, open } of SWITCHES) {
    if (read(path) !== closed) continue;
    const name = path.replace('/proc/sys/', '').replaceAll('/', '.');
    return `. User namespaces are disabled here; to enable them: sudo sysctl ${name}=${open}`;
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
  return new SwitchboardError('SWB_RUN_UNSUPPORTED', `cannot create namespaces: ${why}`);
}
