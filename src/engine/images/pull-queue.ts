import { unlessAborted } from '../../system/index.ts';

interface Entry<T, P> {
  readonly result: Promise<T>;
  readonly stop: AbortController;
  readonly listeners: Set<(progress: P) => void>;
  waiting: number;
}

type Pull<T, P> = (report: (progress: P) => void, signal: AbortSignal) => Promise<T>;

/** Bounds what loads the network and the registry at a time. */
const MAX_PULLS = 3;

/** Pulls each image once however many wait for it, and a few at a time, in the order of the calls. */
export class PullQueue<T, P> {
  readonly #pulls = new Map<string, Entry<T, P>>();
  readonly #turns: (() => void)[] = [];
  #running = 0;

  /**
   * Joins the pull of this key, or starts it when it is its turn. The pull itself is aborted when nobody waits for it.
   *
   * @throws the signal's reason as soon as it is aborted
   */
  async run(
    key: string,
    pull: Pull<T, P>,
    options: { readonly signal?: AbortSignal | undefined; readonly onProgress?: ((progress: P) => void) | undefined },
  ): Promise<T> {
    const { signal, onProgress } = options;
    signal?.throwIfAborted();
    const entry = this.#pulls.get(key) ?? this.#start(key, pull);
    entry.waiting += 1;
    if (onProgress !== undefined) entry.listeners.add(onProgress);
    try {
      return signal === undefined ? await entry.result : await unlessAborted(signal, entry.result);
    } finally {
      entry.waiting -= 1;
      if (onProgress !== undefined) entry.listeners.delete(onProgress);
      if (entry.waiting === 0) {
        if (this.#pulls.get(key) === entry) this.#pulls.delete(key);
        entry.stop.abort();
      }
    }
  }

  #start(key: string, pull: Pull<T, P>): Entry<T, P> {
    const stop = new AbortController();
    const listeners = new Set<(progress: P) => void>();
    const result = this.#inTurn(stop.signal, () =>
      pull(progress => {
        for (const each of listeners) each(progress);
      }, stop.signal),
    );
    // Those who wait see the failure; nobody may be left.
    result.catch(() => {});
    const entry = { result, stop, listeners, waiting: 0 };
    this.#pulls.set(key, entry);
    return entry;
  }

  async #inTurn(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_PULLS) await new Promise<void>(resolve => this.#turns.push(resolve));
    else this.#running += 1;
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      const next = this.#turns.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
