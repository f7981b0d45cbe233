/**
 * Network namespaces whose names contain the pid of the process that made them, so that the next run removes what a
 * crashed run left behind.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const FOLDER = '/run/netns';

/** `<prefix>-<pid>-<rest>` */
export function namespaceName(prefix: string, rest: string): string {
  return `${prefix}-${process.pid}-${rest}`;
}

/** Removes the namespaces of processes that no longer run. @returns their names */
export function removeLeftovers(prefix: string): string[] {
  const left = namespacesOf(prefix).filter(({ pid }) => !isAlive(pid));
  const names = left.map(({ name }) => name);
  removeNamespaces(names);
  return names;
}

/** Removes the namespaces that this process has made. Synchronous, since it also runs when the process exits. */
export function removeOwnNamespaces(prefix: string): void {
  const own = namespacesOf(prefix).filter(({ pid }) => pid === process.pid);
  removeNamespaces(own.map(({ name }) => name));
}

/** Kills the processes in the namespaces and removes them. Synchronous, since it also runs when the process exits. */
export function removeNamespaces(names: readonly string[]): void {
  for (const name of names) {
    const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' });
    for (const pid of (stdout ?? '').split('\n').map(Number)) if (pid > 1 && pid !== process.pid) end(pid);
  }
  for (const name of names) spawnSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
}

function namespacesOf(prefix: string): { readonly name: string; readonly pid: number }[] {
  return listed().flatMap(name => {
    const pid = new RegExp(`^${prefix}-(\\d+)-`).exec(name)?.[1];
    return pid === undefined ? [] : [{ name, pid: Number(pid) }];
  });
}

function listed(): string[] {
  try {
    return readdirSync(FOLDER);
  } catch {
    return [];
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
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
