import type { Pod } from '../kube/index.ts';

/** The network in which pods run. */
export interface PodNetwork {
  /**
   * Whether the system ends all processes of pods when Switchboard ends in any way, so that nothing else has to.
   */
  readonly endsAll: boolean;
  /** Reserves a place for a pod: the same address in every run, unless another pod has it. @throws SWB_ADDRESS_EXHAUSTED */
  place(pod: Pod): PodPlace;
}

/** A pod's place in the network: its address, and how to run programs there. */
export interface PodPlace {
  readonly ip: string;
  /** The address at which the pod reaches its node. */
  readonly hostIP: string;
  /** Prepares the place; before that, no program runs there. Rejects with a SwitchboardError. */
  open(): Promise<void>;
  /** The words to start so that a program runs at this place. */
  command(words: readonly string[]): readonly string[];
  /** Frees the place. Call when all programs have ended. */
  close(): Promise<void>;
}
