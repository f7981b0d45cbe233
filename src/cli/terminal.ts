/**
 * The only place that writes to standard output and standard error. Names, messages of API servers, plugins and pods
 * come from elsewhere, so their control characters are made visible: they must not rewrite a terminal or forge a line.
 * Only what this module adds itself, such as colours, reaches a terminal as it is.
 *
 * @module
 */
import { escapeControls } from '../data/index.ts';

/** What laid-out text may contain: its own line ends and tabs. */
const LAYOUT = '\n\t';
const ESCAPE = '\x1b';
const CLEAR_SCREEN = `${ESCAPE}[2J${ESCAPE}[H`;
const RESET_STYLE = `${ESCAPE}[0m`;
/** A colour or style (SGR), which moves no cursor. */
const STYLE = new RegExp(`(${ESCAPE}\\[[\\d;:]*m)`);

/** Writes a result to standard output: tables, reports, data. */
export function print(text: string): void {
  process.stdout.write(escapeControls(text, LAYOUT));
}

/** Writes text with several lines to standard error, such as a plan to confirm. */
export function printErr(text: string): void {
  process.stderr.write(escapeControls(text, LAYOUT));
}

/** Writes one message to standard error. If its text has several lines, the later ones are indented. */
export function message(text: string): void {
  const [first = '', ...rest] = text.split(/\r?\n/).map(line => escapeControls(line));
  process.stderr.write(`${[first, ...rest.map(line => `  ${line}`)].join('\n')}\n`);
}

/** Writes the output of a command that runs in a pod. It may be a file, so it is passed on as it is, as kubectl does. */
export function passOutput(stream: 'stdout' | 'stderr', data: Buffer): void {
  process[stream].write(data);
}

/** Clears the terminal and writes lines from its top, each cut to its width so that it does not wrap. */
export function redraw(text: string): void {
  const width = process.stdout.columns;
  const lines = escapeControls(text, '\n')
    .split('\n')
    .map(line => line.slice(0, width));
  process.stdout.write(`${CLEAR_SCREEN}${lines.join('\n')}`);
}

/**
 * Writes a line of a pod's output to standard error as the pod wrote it. A terminal gets its colours, but nothing that
 * moves the cursor back over the prefix: what follows a carriage return starts a new line with the prefix.
 *
 * @param paint colours the prefix
 */
export function podLine(prefix: string, line: string, paint: (text: string) => string): void {
  const start = paint(escapeControls(prefix));
  if (!process.stderr.isTTY) {
    process.stderr.write(`${start} ${line}\n`);
    return;
  }
  for (const part of line.split('\r')) process.stderr.write(`${start} ${withColoursOnly(part)}\n`);
}

/** Writes a line of a pod's output to standard output: raw to a file, with colours but no other controls to a terminal. */
export function printPodLine(prefix: string, line: string): void {
  const text = process.stdout.isTTY ? withColoursOnly(line) : line;
  process.stdout.write(`${escapeControls(prefix)}${text}\n`);
}

function withColoursOnly(text: string): string {
  // The separator is captured, so every second part is a style.
  const parts = text.split(STYLE);
  const visible = parts.map((part, index) => (index % 2 === 1 ? part : escapeControls(part, '\t'))).join('');
  return parts.length > 1 ? `${visible}${RESET_STYLE}` : visible;
}
