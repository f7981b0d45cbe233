import { readFileSync } from 'node:fs';

/**
 * Limits open sockets so that a reserve of file descriptors remains for the rest of the program: pods' pipes, watched
 * files, its log. Over the limit the plane resets connections and logs it. Node reports nothing when accept() fails with
 * EMFILE: libuv accepts and closes the client silently (`uv__emfile_trick`, libuv 1.x).
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

  /** The limit of the process; undefined where it cannot be read. */
  get limit(): number | undefined {
    return this.#limit;
  }

  /** @returns false, and takes nothing, if the reserve would be used. */
  take(sockets: number): boolean {
    if (this.#open + sockets > this.#max()) {
      // The limit of a running process can be raised (prlimit), so it is read again when it is reached.
      if (this.#now() - this.#readAt >= 1_000) {
        this.#limit = this.#read();
        this.#readAt = this.#now();
      }
      if (this.#open + sockets > this.#max()) return false;
    }
    this.#open += sockets;
    return true;
  }

  give(sockets: number): void {
    this.#open -= sockets;
  }

  #max(): number {
    if (this.#limit === undefined) return Number.POSITIVE_INFINITY;
    return this.#limit - Math.min(256, Math.floor(this.#limit / 4));
  }
}

/** Linux only; elsewhere connect() fails at the limit. */
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
