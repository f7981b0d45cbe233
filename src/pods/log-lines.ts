/** A line longer than this is cut in two: a program that never ends a line must not fill the memory. */
const LONGEST_LINE = 16_384;

/** Cuts a stream of text into lines. */
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

  /** Tells of all but the last part of a text that is too long. */
  #cut(text: string): string {
    let from = 0;
    for (; text.length - from > LONGEST_LINE; from += LONGEST_LINE) this.#onLine(text.slice(from, from + LONGEST_LINE));
    return text.slice(from);
  }
}
