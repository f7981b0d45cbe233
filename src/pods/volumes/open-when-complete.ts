import { SwitchboardError } from '../../errors.ts';
import type { PodVolumes } from './pod-volumes.ts';

/** It may also be a path of this machine that is missing, whose change no event reports. */
const RETRY_MS = 10_000;

export interface Waiting {
  /** Whether the pod ends before. */
  readonly isOver: () => boolean;
  /** Gets what ends the wait: objects have changed, or the pod ends. */
  readonly onWake: (wake: () => void) => void;
  /** Gets why the pod waits; undefined: it does no more. */
  readonly onWhy: (why: string | undefined) => void;
}

/** Opens the volumes of a pod once all objects that they need exist. */
export async function openWhenComplete(volumes: PodVolumes, { isOver, onWake, onWhy }: Waiting): Promise<void> {
  while (!isOver()) {
    const changed = Promise.withResolvers<void>();
    onWake(changed.resolve);
    try {
      await volumes.open();
      onWhy(undefined);
      return;
    } catch (error) {
      if (!SwitchboardError.is(error) || error.code !== 'SWB_POD_CONFIG') throw error;
      onWhy(`ContainerCreating: ${error.message}`);
      const retry = setTimeout(changed.resolve, RETRY_MS).unref();
      await changed.promise;
      clearTimeout(retry);
    }
  }
}
