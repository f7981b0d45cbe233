import { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/** The pipe between the two: the file descriptor that the inner process has it at. */
export const CONTROL_FD = 3;

/** Signals that are passed on to the command. */
const PASSED = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;
/** Follows the name of a signal in the pipe. */
const TERMINAL = ' from the terminal';
/** A terminal sends these to the command itself, which is in its foreground as well; once is enough. */
const FROM_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT']);

export interface Control {
  /** `fromTerminal`: a command in the foreground gets the signal by itself, too. */
  readonly onSignal: (signal: NodeJS.Signals, fromTerminal: boolean) => void;
  /** The process that started us is gone. */
  readonly onOrphaned: () => void;
}

/** @param terminal whether standard input is one */
export function takeSignals(terminal: boolean, onSignal: Control['onSignal']): void {
  for (const signal of PASSED) {
    process.on(signal, () => onSignal(signal, terminal && FROM_TERMINAL.has(signal)));
  }
}

/** The outer end: signals that this process gets go to the pipe. */
export function passSignals(pipe: Writable, terminal: boolean): void {
  pipe.on('error', () => undefined);
  takeSignals(terminal, (signal, fromTerminal) => void pipe.write(`${signal}${fromTerminal ? TERMINAL : ''}\n`));
}

/**
 * The inner end. This process itself takes no signals, so that one that goes to all of the group (from a terminal, or a
 * shell that ends its job) reaches the command once by itself and ends nothing too early.
 *
 * @returns what ends the listening
 */
export function takeControl(control: Control): () => void {
  for (const signal of PASSED) process.on(signal, () => undefined);
  const pipe = new Socket({ fd: CONTROL_FD, readable: true, writable: false });
  let held = '';
  let ended = false;
  pipe.setEncoding('utf8');
  pipe.on('data', (text: string) => {
    const lines = (held + text).split('\n');
    held = lines.pop() ?? '';
    for (const line of lines) {
      const signal = PASSED.find(known => known === line.replace(TERMINAL, ''));
      if (signal !== undefined) control.onSignal(signal, line.endsWith(TERMINAL));
    }
  });
  pipe.on('error', () => undefined);
  pipe.on('close', () => {
    if (!ended) control.onOrphaned();
  });
  return () => {
    ended = true;
    pipe.destroy();
  };
}
