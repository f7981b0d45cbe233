/** The first SIGINT, SIGTERM or SIGHUP stops gently; the second, or the end of the gentle stop, ends the wait. */
export async function untilStopped(stop: () => Promise<void>): Promise<void> {
  let asked = 0;
  await new Promise<void>((resolve, reject) => {
    const onSignal = (): void => {
      asked += 1;
      if (asked === 1) stop().then(resolve, reject);
      else resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
}
