import type { Pod } from '../kube/index.ts';
import type { SocketAddress } from '../net/index.ts';
import type { Mount, StartProgram } from './program.ts';
import type { Runtime } from './runtime.ts';

/** The network in which pods run. */
export interface PodNetwork {
  /**
   * Whether the system ends all processes of pods when Switchboard ends in any way, so that nothing else has to.
   */
  readonly endsAll: boolean;
  /** How a pod runs here; undefined: it does not. */
  runtimeOf(pod: Pod): Runtime | undefined;
  /** Reserves a place for a pod: the same address in every run, unless another pod has it. @throws SWB_ADDRESS_EXHAUSTED */
  place(pod: Pod): PodPlace;
}

/** Tells in a shared network whose process answers at a pod's address: another one may listen at all addresses. */
export interface PortClaims {
  /** A process of the pod has started; its children belong to the pod, too. */
  started(pid: number): void;
  /** @returns which other program gets the connections to a TCP port of the pod; undefined: none */
  otherHolder(port: number): Promise<string | undefined>;
}

/** Makes folders for the volumes of a pod. They go with the pod. */
export interface VolumeStorage {
  /** The process by which the user knows this instance. */
  readonly instance: number;
  /** Makes an empty folder that is never on a disk. @param sizeBytes undefined: no limit of its own */
  memory(name: string, sizeBytes?: bigint): Promise<string>;
  /** Makes an empty folder on a disk. */
  disk(name: string): Promise<string>;
  /** Present where pods are containers: what they write belongs to their users, so it is in volumes of the engine. */
  readonly engine?: EngineVolumes;
}

/** Makes volumes of a container engine. All return the volume's name. */
export interface EngineVolumes {
  /** An empty one that goes with the pod. @param memory in memory, with a limit if it has one */
  empty(name: string, memory?: { readonly sizeBytes?: bigint }): Promise<string>;
  /** That of a claim, which is kept from one run to the next. */
  claim(manifests: string, namespace: string, name: string): Promise<string>;
}

/** The files that the processes of a container see. */
export interface ContainerView {
  /** What to start so that a program runs at this place, and in which folder. */
  launch(words: readonly string[], cwd: string): Launch;
  /** Call when the container has ended. */
  close(): Promise<void>;
}

export interface Launch {
  readonly words: readonly string[];
  readonly cwd: string;
}

/** Prepares what the processes of a container see. @throws SWB_POD_CONFIG if something cannot be mounted */
export type ProcessView = (mounts: readonly Mount[]) => Promise<ContainerView>;

/** How the programs of a pod run. */
export type Programs =
  | { readonly kind: 'processes'; readonly view: ProcessView }
  | { readonly kind: 'containers'; readonly start: StartProgram };

/** A pod's place in the network: its address, and how to run programs there. */
export interface PodPlace {
  readonly ip: string;
  /** The address at which the pod reaches its node. */
  readonly hostIP: string;
  /** Prepares the place; before that, no program runs there. Rejects with a SwitchboardError. */
  open(): Promise<void>;
  /** Absent where nothing can be mounted, so that pods have no volumes. */
  readonly storage?: VolumeStorage;
  readonly programs: Programs;
  /** Where this process reaches a TCP port of the pod; absent where that is the pod's own address. */
  readonly reach?: (port: number) => Promise<SocketAddress>;
  /** Whether connections to the pod's address reach the pod; absent where they always do. */
  readonly claims?: PortClaims;
  /** Frees the place. Call when all programs have ended. */
  close(): Promise<void>;
}
