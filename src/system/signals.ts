import { constants } from 'node:os';

/** Signals that are passed on to a command. */
const FORWARDED = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;
/** A terminal sends these to the command itself, which is in its foreground as well; once is enough. */
const FROM_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT']);

/**
 * Handles the signals that a command may get in place of this process's default.
 *
 * @param terminal whether standard input is one
 * @param onSignal `fromTerminal`: a command in the foreground gets the signal by itself, too
 */
export function handleSignals(
  terminal: boolean,
  onSignal: (signal: NodeJS.Signals, fromTerminal: boolean) => void,
): void {
  for (const signal of FORWARDED) {
    process.on(signal, () => onSignal(signal, terminal && FROM_TERMINAL.has(signal)));
  }
}

/** The exit code that a shell reports for a command that a signal ended. */
export function exitCodeOf(signal: NodeJS.Signals | null): number {
  return 128 + (signal === null ? 0 : constants.signals[signal]);
}
