const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The signals that stop a serving command. Create it before anything else, so that no signal is lost. */
export interface StopSignals {
  /** Aborted by the first signal: close everything and exit. */
  readonly signal: AbortSignal;
  /** Resolves on the second signal: exit at once. */
  readonly again: Promise<void>;
  /** Counts a signal that another process passes on. */
  pass(): void;
  /** Ignores the signals that this process gets itself: another process passes them on. */
  ignoreOwn(): void;
  /** Restores the default: signals end the process. */
  release(): void;
}

let endServing: (() => void) | undefined;

/**
 * Ends a serving command as by a signal, since nobody reads its output any more (`switchboard up | head -1`).
 *
 * @returns false if no command is serving
 */
export function outputClosed(): boolean {
  endServing?.();
  return endServing !== undefined;
}

/** Handles SIGINT, SIGTERM and SIGHUP from now on; they no longer end the process. */
export function stopSignals(): StopSignals {
  const first = new AbortController();
  const again = Promise.withResolvers<void>();
  let isPassed = false;
  const count = (): void => {
    if (first.signal.aborted) again.resolve();
    else first.abort();
  };
  const onSignal = (): void => {
    if (!isPassed) count();
  };
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  // Each further line fails, too, which is not a second signal.
  endServing = () => first.abort();
  return {
    signal: first.signal,
    again: again.promise,
    pass: count,
    ignoreOwn: () => {
      isPassed = true;
    },
    release: () => {
      endServing = undefined;
      for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
    },
  };
}

/** Waits for the signal and keeps the process alive meanwhile: without a Service, nothing else does. */
export async function untilStopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const alive = setInterval(() => undefined, 2 ** 30);
  await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }));
  clearInterval(alive);
}
