/** Longer lines are split: a program that never ends a line must not fill the memory. */
const MAX_LINE = 16_384;

/** Splits a stream of text into lines. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#onLine(this.#cut(line.endsWith('\r') ? line.slice(0, -1) : line));
    this.#rest = this.#cut(this.#rest);
  }

  end(): void {
    if (this.#rest !== '') this.#onLine(this.#rest);
    this.#rest = '';
  }

  /** Emits all but the last part of a text that is too long. */
  #cut(text: string): string {
    let from = 0;
    for (; text.length - from > MAX_LINE; from += MAX_LINE) this.#onLine(text.slice(from, from + MAX_LINE));
    return text.slice(from);
  }
}
