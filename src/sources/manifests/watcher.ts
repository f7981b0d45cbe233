import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A change is looked at when nothing more has come for this long: editors write a file in several steps. */
const SETTLE_MS = 25;
/** Where the system tells of no change (network folders, no inotify watches left), it is looked for this often. */
const POLL_MS = 2000;

/**
 * Calls back when something about the paths may have changed. It watches the folders that hold them too, so that
 * files which are replaced and folders which go and come back are seen. An event is only a hint to look: what really
 * changed is found by looking.
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

  /** Watches these paths and their parents; call again whenever the list may be another. */
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

  /** One more hint after a while, whether or not the system tells of a change. */
  lookAgainAfter(ms: number): void {
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
          // It was renamed or removed itself, or something in it was: what is now there needs a watch of its own.
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
      // It is not there now; the watch on its parent, or the poll, tells when it is.
    }
  }

  #forget(path: string, watcher: FSWatcher): void {
    watcher.close();
    if (this.#watchers.get(path) === watcher) this.#watchers.delete(path);
  }

  /** What stands at a path may be another thing now, a link that leads elsewhere, and so is all that is below it. */
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
