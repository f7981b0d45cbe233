const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What the user asks a command that serves to do by signals. Made before anything else, so that no signal is lost. */
export interface StopSignals {
  /** Aborted by the first signal: close everything and end. */
  readonly signal: AbortSignal;
  /** Resolves with the second signal: end at once. */
  readonly again: Promise<void>;
  /** Signals end the process again, as they do by default. */
  release(): void;
}

/** Listens for SIGINT, SIGTERM and SIGHUP from now on; none of them ends the process any more. */
export function stopSignals(): StopSignals {
  const first = new AbortController();
  const again = Promise.withResolvers<void>();
  const onSignal = (): void => {
    if (first.signal.aborted) again.resolve();
    else first.abort();
  };
  for (const signal of ENDING) process.on(signal, onSignal);
  return {
    signal: first.signal,
    again: again.promise,
    release: () => {
      for (const signal of ENDING) process.off(signal, onSignal);
    },
  };
}

/** Waits for the signal. The wait itself keeps the process alive: with no Service left there is nothing else that would. */
export async function untilStopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const alive = setInterval(() => undefined, 2 ** 30);
  await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }));
  clearInterval(alive);
}
