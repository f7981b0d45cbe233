import type { Pod } from '../kube/index.ts';
import type { PodNetwork, PodPlace } from './network.ts';
import { type RunMode, type Runtime, runtimeOf } from './runtime.ts';

/** Pods as processes in one network and as containers in another one. */
export class MixedNetwork implements PodNetwork {
  readonly #mode: RunMode;
  readonly #processes: PodNetwork;
  readonly #containers: PodNetwork;

  constructor(mode: RunMode, networks: { readonly processes: PodNetwork; readonly containers: PodNetwork }) {
    this.#mode = mode;
    this.#processes = networks.processes;
    this.#containers = networks.containers;
  }

  /** Containers have their own way of ending. */
  get endsAll(): boolean {
    return this.#processes.endsAll;
  }

  runtimeOf(pod: Pod): Runtime | undefined {
    return runtimeOf(pod, { mode: this.#mode, engine: true });
  }

  place(pod: Pod): PodPlace {
    return this.#of(pod).place(pod);
  }

  /** A guest, which has no containers, is a process. */
  #of(pod: Pod): PodNetwork {
    return this.runtimeOf(pod) === 'engine' ? this.#containers : this.#processes;
  }
}
