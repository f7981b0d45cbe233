import { EXIT } from './exit-codes.ts';
import { type StopSignals, untilStopped } from './signals.ts';

/** Functions that close what a command has opened, called in order when it ends. */
export type Closers = (() => unknown)[];

/**
 * Runs a command that serves until a signal: starts it, waits, and closes what it has opened, even if the start fails
 * or a signal interrupts it. A second signal ends the process at once.
 *
 * @param start opens everything and adds functions that close it to `closers`; it checks the signal after every await
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
  // Exit with connections still open; the reaper process ends the remaining pods. An interrupted start may still wait for
  // its input, which would keep the process alive.
  if (end === 'again' || !isReady) process.exit(EXIT.fine);
  return EXIT.fine;
}
