import type { KubeObject } from '../kube/objects.ts';
import type { Listener } from '../planes/index.ts';

/** What a running `up` tells of itself to commands of the same user and version. */
export interface RunningState {
  readonly version: string;
  readonly pid: number;
  /** Its -f arguments. */
  readonly inputs: readonly string[];
  /** All objects as it holds them now, pods with their status. */
  readonly objects: readonly KubeObject[];
  readonly listeners: readonly Listener[];
}

/**
 * Whether data is a state of this version. The socket is the user's own and the writer this same program, so its
 * version stands for the shape of what follows.
 */
export function isStateOf(version: string, data: unknown): data is RunningState {
  return (
    typeof data === 'object' &&
    data !== null &&
    'version' in data &&
    data.version === version &&
    'objects' in data &&
    Array.isArray(data.objects) &&
    'listeners' in data &&
    Array.isArray(data.listeners)
  );
}
