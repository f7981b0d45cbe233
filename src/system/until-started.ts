import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/**
 * Waits until a program runs. Until then nothing else may be done with it: one that cannot be started for want of open
 * files has no streams, and its `error` ends this process if nobody listens.
 *
 * @throws the system's error
 */
export async function untilStarted<Child extends ChildProcess>(child: Child): Promise<Child> {
  await once(child, 'spawn');
  return child;
}
