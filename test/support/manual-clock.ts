/** A clock that moves only when the test advances it, and then calls what is due, in order. */
export class ManualClock {
  #now = 0;
  readonly #due = new Set<{ readonly at: number; readonly action: () => void }>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, action: () => void): () => void {
    const entry = { at: this.#now + milliseconds, action };
    this.#due.add(entry);
    return () => this.#due.delete(entry);
  }

  /** The number of pending actions. */
  get waiting(): number {
    return this.#due.size;
  }

  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const [next] = [...this.#due].filter(entry => entry.at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#due.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.action();
    }
    this.#now = end;
  }
}
