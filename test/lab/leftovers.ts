/**
 * Labs of runs that ended without their hooks are taken down by the next run: a namespace carries the pid of the process
 * that made it.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const PREFIX = 'sblab';
const NAMESPACES = '/run/netns';

/** `sblab-<pid>-<number>-<host>` */
export function namespaceName(lab: number, host: string): string {
  return `${PREFIX}-${process.pid}-${lab}-${host}`;
}

/** Takes down what dead processes have left. @returns the namespaces that were removed */
export function removeLeftovers(): string[] {
  const left = namespaces().filter(name => {
    const pid = Number(new RegExp(`^${PREFIX}-(\\d+)-`).exec(name)?.[1]);
    return Number.isInteger(pid) && !isAlive(pid);
  });
  removeNamespaces(left);
  return left;
}

/** Ends what runs in the namespaces and removes them. Synchronous, since it also runs when the process exits. */
export function removeNamespaces(names: readonly string[]): void {
  for (const name of names) {
    const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' });
    for (const pid of (stdout ?? '').split('\n').map(Number)) if (pid > 1 && pid !== process.pid) end(pid);
  }
  for (const name of names) spawnSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
}

function namespaces(): string[] {
  try {
    return readdirSync(NAMESPACES);
  } catch {
    return [];
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
