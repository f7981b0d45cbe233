/**
 * The processes of pods as this machine sees them: in namespaces of their own they have other numbers for themselves.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';

interface PodProcess {
  readonly pid: number;
  /** The number that the process has for itself. */
  readonly ownPid: number;
  /** The mark of its instance. */
  readonly mark: string;
}

function all(): PodProcess[] {
  return readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name)) return [];
    const mark = /(?:^|\0)SWITCHBOARD_POD_OF=([^\0]+)/.exec(read(name, 'environ'))?.[1];
    const numbers = /^NSpid:\s+(.+)$/m.exec(read(name, 'status'))?.[1]?.split(/\s+/) ?? [];
    return mark === undefined ? [] : [{ pid: Number(name), ownPid: Number(numbers.at(-1)), mark }];
  });
}

function read(pid: number | string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    // It has ended.
    return '';
  }
}

function ancestorsOf(pid: number): number[] {
  const parent = Number(/^PPid:\s+(\d+)$/m.exec(read(pid, 'status'))?.[1] ?? 0);
  return parent <= 1 ? [] : [parent, ...ancestorsOf(parent)];
}

/** The mark of the pods that an `up` with this pid runs. */
export function markOf(up: number): string {
  const found = all().find(({ pid }) => ancestorsOf(pid).includes(up));
  if (found === undefined) throw new Error(`no process of a pod below ${up}`);
  return found.mark;
}

/** The processes with a mark. */
export function marked(mark: string): number[] {
  return all()
    .filter(process => process.mark === mark)
    .map(({ pid }) => pid);
}

/** The pid of a pod's process that has another number for itself. */
export function pidOf(up: number, ownPid: number): number {
  const found = all().find(process => process.ownPid === ownPid && ancestorsOf(process.pid).includes(up));
  if (found === undefined) throw new Error(`no process of a pod has the number ${ownPid}`);
  return found.pid;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The process in namespaces that an `up` with this pid has started: the last node process above its pods. */
export function gatewayOf(up: number): number {
  const pod = all().find(({ pid }) => ancestorsOf(pid).includes(up));
  const gateway = pod && ancestorsOf(pod.pid).find(pid => read(pid, 'environ').includes('SWITCHBOARD_GATEWAY='));
  if (gateway === undefined) throw new Error(`no gateway below ${up}`);
  return gateway;
}
