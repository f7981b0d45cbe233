import type { ObjectEvent } from '../kube/objects.ts';

/** Runs pods as processes here, and says what becomes of them. */
export interface LocalPods {
  /** Takes what is wanted; gives the events as routing shall see them: pods that are run carry their own status. */
  apply(events: readonly ObjectEvent[]): ObjectEvent[];
  /** Ends all pods: SIGTERM, their grace period, SIGKILL. Calling it again ends them at once. */
  close(): Promise<void>;
}
