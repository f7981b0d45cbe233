/**
 * Ends the processes that a killed Switchboard left behind. Runs as a process of its own, reads the start and end of
 * process groups (`+123`, `-123`), and acts when its input ends without `done`: then the writer is dead.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Processes carry this variable with the id of the instance, so that those that left their group are found. */
const MARK = 'SWITCHBOARD_POD_OF';
const GRACE_MS = 2000;

const groups = new Set<number>();
let done = false;
const instance = process.argv[2] ?? '';

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'done') done = true;
  else if (line.startsWith('+')) groups.add(Number(line.slice(1)));
  else groups.delete(Number(line.slice(1)));
}
if (!done) {
  signalAll('SIGTERM');
  setTimeout(() => signalAll('SIGKILL'), GRACE_MS);
}

function signalAll(signal: NodeJS.Signals): void {
  for (const group of groups) send(-group, signal);
  for (const pid of marked()) send(pid, signal);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // The process has already ended.
  }
}

/** Linux shows the environment of processes; elsewhere only their groups are known. */
function marked(): number[] {
  if (process.platform !== 'linux' || instance === '') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter(pid => Number.isInteger(pid) && pid !== process.pid)
    .filter(pid => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`${MARK}=${instance}`);
      } catch {
        return false;
      }
    });
}
