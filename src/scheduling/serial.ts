/** Runs asynchronous tasks one after another, in the order in which they were added. */
export class Serial {
  #last: Promise<void> = Promise.resolve();

  /** Adds a task. It runs when all earlier ones have ended, whether they succeeded or not. */
  run<T>(task: () => T | Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    // Only the end is kept: a result may be large, and its error belongs to the caller.
    this.#last = result.then(ignore, ignore);
    return result;
  }

  /** Resolves when all tasks that were added so far have ended. */
  idle(): Promise<void> {
    return this.#last;
  }
}

function ignore(): void {}
