/** Waits for conditions that no event reports. */

/** A process whose output may bring the condition. */
export interface Watched {
  /** Standard output and standard error, for the error. */
  readonly output: string;
  /** Calls back on every output until the returned function is called. */
  wake(callback: () => void): () => void;
}

export interface EventuallyOptions {
  readonly withinMs?: number;
  /** Looks again on its output, too. */
  readonly process?: Watched;
}

const DEFAULT_WITHIN_MS = 20_000;
const EVERY_MS = 10;

/**
 * Looks again and again until there is a value: neither undefined nor false.
 *
 * @throws if there is none in time, with the output of the process
 */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { withinMs = DEFAULT_WITHIN_MS, process }: EventuallyOptions = {},
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) {
      throw new Error(`no ${what} within ${withinMs / 1000} s${process === undefined ? '' : `\n${process.output}`}`);
    }
    await new Promise<void>(resolve => {
      const stop = process?.wake(resolve);
      setTimeout(() => {
        stop?.();
        resolve();
      }, EVERY_MS);
    });
  }
}
