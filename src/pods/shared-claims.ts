import { readFile } from 'node:fs/promises';
import { type Answerer, PortOwners } from '../system/index.ts';
import type { PortClaims } from './network.ts';

/** Deep enough for any shell, supervisor and worker. */
const MAX_ANCESTORS = 32;

/** Finds by /proc whose sockets answer at a pod's address. Elsewhere than on Linux nothing is known, so nothing is refused. */
export class SharedClaims implements PortClaims {
  readonly #ip: string;
  readonly #podOf: (pid: number) => string | undefined;
  readonly #own = new Set<number>();

  /** @param podOf the pod that a process was started for, if any */
  constructor(ip: string, podOf: (pid: number) => string | undefined) {
    this.#ip = ip;
    this.#podOf = podOf;
  }

  started(pid: number): void {
    this.#own.add(pid);
  }

  async otherHolder(port: number): Promise<string | undefined> {
    const answerers = await new PortOwners().answerers({ protocol: 'TCP', address: this.#ip, port });
    for (const answerer of answerers) {
      const family = answerer.pid === undefined ? [] : await ancestry(answerer.pid);
      if (!family.some(pid => this.#own.has(pid))) return this.#describe(answerer, family);
    }
    return undefined;
  }

  #describe({ pid, program }: Answerer, family: readonly number[]): string {
    const pod = family.map(ancestor => this.#podOf(ancestor)).find(name => name !== undefined);
    if (pod !== undefined) return `pod ${pod}`;
    if (pid === process.pid) return 'Switchboard itself';
    return pid === undefined ? 'a program of another user' : `${program === '' ? 'a program' : program} (pid ${pid})`;
  }
}

/** A process, the leader of its session, which outlives parents that end, and its ancestors. */
async function ancestry(pid: number): Promise<number[]> {
  const found: number[] = [];
  for (let next = pid; next > 1 && found.length < MAX_ANCESTORS; ) {
    const stat = await readFile(`/proc/${next}/stat`, 'utf8').catch(() => '');
    // The name of the program may contain spaces and parentheses. After it: state, parent, group, session.
    const [, parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    found.push(next);
    if (next === pid) found.push(Number(session));
    next = Number(parent ?? 0);
  }
  return found;
}
