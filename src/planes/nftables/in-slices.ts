import { setImmediate } from 'node:timers/promises';

/** Work on a large table that can be interrupted: it yields wherever the event loop may turn, and returns its result. */
export type Sliced<T> = Generator<undefined, T, undefined>;

/** The length of a slice; health checks and DNS wait no longer than that. */
const SLICE_MS = 10;

/** Runs the work to its end, and lets the event loop turn after every slice. */
export async function inSlices<T>(work: Sliced<T>, now: () => number = () => performance.now()): Promise<T> {
  let began = now();
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    if (now() - began < SLICE_MS) continue;
    await setImmediate();
    began = now();
  }
}

/** Runs the work to its end in one go. */
export function atOnce<T>(work: Sliced<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
