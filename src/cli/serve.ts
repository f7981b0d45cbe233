import { EXIT } from './exit-codes.ts';
import { type StopSignals, untilStopped } from './signals.ts';

/** What a command has opened, closed in order when it ends. */
export type Closers = (() => unknown)[];

/**
 * Runs a command that serves until a signal: starts it, waits, and closes what it has opened, also when the start fails
 * or a signal interrupts it. The second signal ends the process at once.
 *
 * @param start opens everything and adds what closes it to the front or the back of `closers`; it checks the signal
 *   wherever it has waited
 * @returns the exit code
 * @throws what `start` throws, unless the signal interrupted it
 */
export async function serveUntilStopped(
  stop: StopSignals,
  start: (signal: AbortSignal, closers: Closers) => Promise<void>,
  stopping?: () => void,
): Promise<number> {
  const closers: Closers = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0)) await closer();
  };
  let isReady = false;
  try {
    await start(stop.signal, closers);
    isReady = true;
    await untilStopped(stop.signal);
  } catch (error) {
    if (!stop.signal.aborted || error !== stop.signal.reason) {
      await close();
      throw error;
    }
  }
  if (isReady) stopping?.();
  const end = await Promise.race([close().then(() => 'closed' as const), stop.again.then(() => 'again' as const)]);
  // Cut what is still open; the orphan guard ends pods that have not ended. An interrupted start may still wait for its
  // input, which would keep the process alive.
  if (end === 'again' || !isReady) process.exit(EXIT.fine);
  return EXIT.fine;
}
