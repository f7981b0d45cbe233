import type { ObjectEvent } from '../kube/index.ts';

/** Runs pods as local processes and reports their status. */
export interface LocalPods {
  /** Takes the desired objects; returns the events for routing, in which pods that run here carry their own status. */
  apply(events: readonly ObjectEvent[]): ObjectEvent[];
  /** Ends all pods: SIGTERM, then SIGKILL after their grace period. A second call ends them at once. */
  close(): Promise<void>;
}
