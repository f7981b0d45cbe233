/**
 * The processes of a control plane, and how they are found again: `up` ends while they go on, so a file in the
 * directory of the control plane records them for `down` and `restart-apiserver`.
 *
 * @module
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const TERMINATE_MS = 3_000;
const POLL_MS = 25;

export interface ProcessRecord {
  readonly name: string;
  readonly pid: number;
  readonly argv: readonly string[];
}

/** Starts a process that outlives this one, with its output in `DIRECTORY/NAME.log`. */
export function startProcess(directory: string, name: string, argv: readonly string[]): ProcessRecord {
  const log = openSync(logOf(directory, name), 'a');
  try {
    const [file = '', ...args] = argv;
    const child = spawn(file, args, { cwd: directory, detached: true, stdio: ['ignore', log, log] });
    // A program that cannot be started has no pid; the readiness check then reports its empty log.
    child.once('error', () => {});
    child.unref();
    if (child.pid === undefined) throw new Error(`${file} cannot be started`);
    return { name, pid: child.pid, argv };
  } finally {
    closeSync(log);
  }
}

/** Whether the recorded process runs: the pid may belong to another program by now. */
export function isRunning({ pid, argv }: ProcessRecord): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const line = commandLine(pid);
  // A process that is exiting has lost its command line and may still have its sockets; a zombie has neither.
  return line === '' ? !isZombie(pid) : line === argv.join(' ');
}

/** Asks a process to end, and kills it if it does not end in time. */
export async function terminate(record: ProcessRecord): Promise<void> {
  signal(record, 'SIGTERM');
  const deadline = performance.now() + TERMINATE_MS;
  while (isRunning(record) && performance.now() < deadline) await delay(POLL_MS);
  kill(record);
  while (isRunning(record)) await delay(POLL_MS);
}

/** Kills a process. Synchronous, since it also runs while this process exits. */
export function kill(record: ProcessRecord): void {
  signal(record, 'SIGKILL');
}

/** The last lines that a process printed. */
export function lastOutput(directory: string, name: string): string {
  return readFileSync(logOf(directory, name), 'utf8').trimEnd().split('\n').slice(-10).join('\n');
}

function logOf(directory: string, name: string): string {
  return join(directory, `${name}.log`);
}

function signal(record: ProcessRecord, name: NodeJS.Signals): void {
  if (isRunning(record)) process.kill(record.pid, name);
}

/** The first thread may be a zombie while the others still hold the sockets. */
function isZombie(pid: number): boolean {
  try {
    const zombie = /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return zombie && readdirSync(`/proc/${pid}/task`).length <= 1;
  } catch {
    return true;
  }
}

function commandLine(pid: number): string {
  if (process.platform === 'linux') {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0$/, '').replaceAll('\0', ' ');
    } catch {
      return '';
    }
  }
  return spawnSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
}
