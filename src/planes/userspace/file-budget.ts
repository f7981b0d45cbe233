import { readdirSync, readFileSync } from 'node:fs';

/** The file descriptors of this process; undefined where the system does not report them. */
export interface FileCounts {
  limit(): number | undefined;
  open(): number | undefined;
}

/** The limit of a running process can be raised (prlimit), and other parts of the program open and close files. */
const READ_EVERY_MS = 1_000;
/** Counting takes about 0.5 µs for each open file. With this, it never takes more than 0.5 % of the time. */
const MS_PER_FILE = 0.1;

/**
 * Limits open sockets so that a reserve of file descriptors remains for the rest of the program: pods' pipes, watched
 * files, its log, DNS, code that is loaded later. Over the limit the plane resets connections and logs it. Node reports
 * nothing when accept() fails with EMFILE: libuv accepts and closes the client silently (`uv__emfile_trick`, libuv 1.x).
 */
export class FileBudget {
  readonly #counts: FileCounts;
  readonly #now: () => number;
  #limit: number | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #readAgainMs = 0;
  /** The sockets of the plane. */
  #taken = 0;
  /** All other open files of the process. */
  #others = 0;

  constructor(now: () => number, counts: FileCounts = ownCounts) {
    this.#now = now;
    this.#counts = counts;
    this.#limit = counts.limit();
  }

  /** The limit of the process; undefined where it cannot be read. */
  get limit(): number | undefined {
    return this.#limit;
  }

  /** @returns false, and takes nothing, if the reserve would be used. */
  take(sockets: number): boolean {
    return this.#take(sockets, 0);
  }

  /** Takes a socket that listens. Some of the others stay free for its clients. */
  takeListener(): boolean {
    return this.#take(1, Math.floor((this.#limit ?? 0) / 8));
  }

  give(sockets: number): void {
    this.#taken -= sockets;
  }

  #take(sockets: number, spare: number): boolean {
    this.#read();
    if (this.#taken + sockets + spare > this.#max()) return false;
    this.#taken += sockets;
    return true;
  }

  #read(): void {
    if (this.#now() - this.#readAt < this.#readAgainMs) return;
    this.#readAt = this.#now();
    this.#limit = this.#counts.limit() ?? this.#limit;
    const open = this.#counts.open();
    // Unreadable: the last known count stays.
    if (open !== undefined) this.#others = Math.max(0, open - this.#taken);
    this.#readAgainMs = Math.max(READ_EVERY_MS, (open ?? 0) * MS_PER_FILE);
  }

  #max(): number {
    if (this.#limit === undefined) return Number.POSITIVE_INFINITY;
    return this.#limit - Math.min(256, Math.floor(this.#limit / 4)) - this.#others;
  }
}

/** Linux only; elsewhere connect() fails at the limit. */
const ownCounts: FileCounts = {
  limit() {
    try {
      const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
      return soft === undefined ? undefined : Number(soft);
    } catch {
      return undefined;
    }
  },
  open() {
    try {
      // One of them is the folder itself.
      return readdirSync('/proc/self/fd').length - 1;
    } catch {
      return undefined;
    }
  },
};
