/** How a command that serves came to its end. */
export type Stopped = 'drained' | 'quit';

/**
 * Waits for SIGINT, SIGTERM or SIGHUP and then stops gently; a second signal ends the wait at once. The wait itself
 * keeps the process alive: with no Service left there is nothing else that would.
 */
export async function untilStopped(stop: () => Promise<void>): Promise<Stopped> {
  const alive = setInterval(() => undefined, 2 ** 30);
  let asked = 0;
  try {
    return await new Promise<Stopped>((resolve, reject) => {
      const onSignal = (): void => {
        asked += 1;
        if (asked === 1) stop().then(() => resolve('drained'), reject);
        else resolve('quit');
      };
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
    });
  } finally {
    clearInterval(alive);
  }
}
