import { readFileSync } from 'node:fs';

/**
 * How many sockets the plane may still open. Node says nothing when accept() meets EMFILE: libuv accepts and closes
 * the client in silence (`uv__emfile_trick`, libuv 1.x). So clients are turned away, and it is said, while some files
 * are still left for the rest of the program: pods' pipes, watched files, its own log.
 */
export class FileBudget {
  readonly #read: () => number | undefined;
  readonly #now: () => number;
  #limit: number | undefined;
  #readAt: number;
  #open = 0;

  constructor(now: () => number, read: () => number | undefined = readLimit) {
    this.#now = now;
    this.#read = read;
    this.#limit = read();
    this.#readAt = now();
  }

  /** The process's own limit; undefined where it cannot be read. */
  get limit(): number | undefined {
    return this.#limit;
  }

  /** @returns false, and nothing is taken, if too few would be left. */
  take(sockets: number): boolean {
    if (this.#open + sockets > this.#most()) {
      // The limit of a running process can be raised (prlimit); looked at only when it hurts.
      if (this.#now() - this.#readAt >= 1_000) {
        this.#limit = this.#read();
        this.#readAt = this.#now();
      }
      if (this.#open + sockets > this.#most()) return false;
    }
    this.#open += sockets;
    return true;
  }

  give(sockets: number): void {
    this.#open -= sockets;
  }

  #most(): number {
    if (this.#limit === undefined) return Number.POSITIVE_INFINITY;
    return this.#limit - Math.min(256, Math.floor(this.#limit / 4));
  }
}

/** Linux only; elsewhere the plane learns of the limit when connect() meets it. */
function readLimit(): number | undefined {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

export function isOutOfFiles(code: string): boolean {
  return code === 'EMFILE' || code === 'ENFILE';
}
