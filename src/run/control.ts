import { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/** The inner process's file descriptor of the pipe between the two processes. */
export const CONTROL_FD = 3;

/** Signals that are forwarded to the command. */
const FORWARDED = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;
/** Follows the name of a signal in the pipe. */
const TERMINAL = ' from the terminal';
/** A terminal sends these to the command itself, which is in its foreground as well; once is enough. */
const FROM_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT']);

export interface Control {
  /** `fromTerminal`: a command in the foreground gets the signal by itself, too. */
  readonly onSignal: (signal: NodeJS.Signals, fromTerminal: boolean) => void;
  /** The outer process has ended. */
  readonly onOrphaned: () => void;
}

/** @param terminal whether standard input is one */
export function handleSignals(terminal: boolean, onSignal: Control['onSignal']): void {
  for (const signal of FORWARDED) {
    process.on(signal, () => onSignal(signal, terminal && FROM_TERMINAL.has(signal)));
  }
}

/** Outer process: sends the signals that it gets to the pipe. */
export function sendSignals(pipe: Writable, terminal: boolean): void {
  pipe.on('error', () => undefined);
  handleSignals(terminal, (signal, fromTerminal) => void pipe.write(`${signal}${fromTerminal ? TERMINAL : ''}\n`));
}

/**
 * Inner process: receives signals from the pipe. It ignores signals that it gets itself, so that one that goes to the
 * whole group (from a terminal, or a shell that ends its job) reaches the command once and ends nothing too early.
 *
 * @returns a function that stops listening
 */
export function followControl(control: Control): () => void {
  for (const signal of FORWARDED) process.on(signal, () => undefined);
  const pipe = new Socket({ fd: CONTROL_FD, readable: true, writable: false });
  let held = '';
  let ended = false;
  pipe.setEncoding('utf8');
  pipe.on('data', (text: string) => {
    const lines = (held + text).split('\n');
    held = lines.pop() ?? '';
    for (const line of lines) {
      const signal = FORWARDED.find(name => name === line.replace(TERMINAL, ''));
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
