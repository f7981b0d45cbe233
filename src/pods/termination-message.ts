import { closeSync, openSync, readSync } from 'node:fs';

const MAX_BYTES = 4096;
const MAX_LOG_LINES = 80;
const MAX_LOG_BYTES = 2048;

/** The last lines of a container's output, as far as they can become its termination message. */
export class LogTail {
  readonly #lines: string[] = [];

  add(line: string): void {
    this.#lines.push(line.slice(-MAX_LOG_BYTES));
    if (this.#lines.length > MAX_LOG_LINES) this.#lines.shift();
  }

  /** At most 2048 bytes. */
  text(): string {
    return Buffer.from(this.#lines.join('\n')).subarray(-MAX_LOG_BYTES).toString();
  }
}

export interface TerminationInputs {
  /** Where the container could write its message; undefined if it had no such file. */
  readonly file: string | undefined;
  readonly policy: 'File' | 'FallbackToLogsOnError';
  readonly code: number | undefined;
  readonly log: LogTail;
}

/** What the container wrote about its end, on one line; empty if nothing. */
export function terminationMessage({ file, policy, code, log }: TerminationInputs): string {
  const written = file === undefined ? '' : firstBytes(file);
  const text = written === '' && policy === 'FallbackToLogsOnError' && code !== 0 ? log.text() : written;
  return text.trim().replaceAll(/\s*\n\s*/g, '; ');
}

function firstBytes(file: string): string {
  try {
    const fd = openSync(file, 'r');
    try {
      const buffer = Buffer.alloc(MAX_BYTES);
      return buffer.subarray(0, readSync(fd, buffer, 0, MAX_BYTES, 0)).toString();
    } finally {
      closeSync(fd);
    }
  } catch {
    return '';
  }
}
