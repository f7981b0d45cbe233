import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** How long to wait after the last event: editors write a file in several steps. */
const SETTLE_MS = 25;
/** Polling interval, for systems that report no changes (network file systems, no inotify watches left). */
const POLL_MS = 2000;

/**
 * Calls back when one of the paths may have changed. Watches their parent folders too, to see files that are replaced
 * and folders that are removed and come back. An event is only a hint: the caller checks what changed.
 */
export class PathWatcher {
  readonly #onHint: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #paths: readonly string[] = [];
  #settle: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  readonly #poll: NodeJS.Timeout;

  constructor(onHint: () => void) {
    this.#onHint = onHint;
    this.#poll = setInterval(onHint, POLL_MS);
    this.#poll.unref();
  }

  /** Watches these paths and their parents; call again whenever the list changes. */
  watch(paths: Iterable<string>): void {
    this.#paths = [...paths];
    const wanted = new Set(this.#paths.flatMap(path => [path, dirname(path)]));
    for (const [path, watcher] of this.#watchers) {
      if (wanted.has(path)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
    for (const path of wanted) this.#add(path);
  }

  /** Calls back once after `ms`, whether or not the system reports a change. */
  hintAfter(ms: number): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(this.#onHint, ms);
  }

  close(): void {
    clearTimeout(this.#again);
    clearInterval(this.#poll);
    clearTimeout(this.#settle);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #add(path: string): void {
    if (this.#watchers.has(path)) return;
    try {
      const watcher = watch(path, { persistent: false }, (event, name) => {
        if (event === 'rename') {
          // The path, or an entry in it, was renamed or removed: the new one needs its own watch.
          if (name === null || name === basename(path)) this.#forget(path, watcher);
          if (name !== null) this.#forgetAll(join(path, name));
        }
        this.#hint();
      });
      watcher.on('error', () => {
        this.#forget(path, watcher);
        this.#hint();
      });
      this.#watchers.set(path, watcher);
    } catch {
      // The path does not exist now; its parent's watch, or the poll, reports when it does.
    }
  }

  #forget(path: string, watcher: FSWatcher): void {
    watcher.close();
    if (this.#watchers.get(path) === watcher) this.#watchers.delete(path);
  }

  /** The path may now be another file or link, and so may everything below it. */
  #forgetAll(moved: string): void {
    for (const [path, watcher] of this.#watchers) {
      if (path === moved || path.startsWith(`${moved}/`)) this.#forget(path, watcher);
    }
  }

  #hint(): void {
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => {
      for (const path of new Set(this.#paths.flatMap(p => [p, dirname(p)]))) this.#add(path);
      this.#onHint();
    }, SETTLE_MS);
  }
}
