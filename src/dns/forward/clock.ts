/** Time as the forwarder sees it; tests hand in one that they move by hand. */
export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  now(): number;
  /** Calls `action` once, `milliseconds` from now. @returns what calls it off */
  after(milliseconds: number, action: () => void): () => void;
}

/** The system's monotonic time. Its timers keep no process alive: a forwarder that waits is no reason to stay. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, action) {
    const timer = setTimeout(action, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
