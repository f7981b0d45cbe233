import { keyOf, type Pod } from '../kube/index.ts';
import { PodAddresses } from './addresses.ts';
import type { PodNetwork, PodPlace } from './network.ts';
import { PROCESSES, type Runtime, runtimeOf } from './runtime.ts';
import { SharedClaims } from './shared-claims.ts';

const LOOPBACK = '127.0.0.1';

/**
 * The network of this machine, which all pods share: each has a loopback address where the system has several, and two
 * programs that listen on one port at all addresses collide.
 */
export class SharedNetwork implements PodNetwork {
  readonly endsAll = false;
  readonly #addresses: PodAddresses;
  /** Process -> pod. */
  readonly #pods = new Map<number, string>();

  constructor(addresses: PodAddresses = PodAddresses.onLoopback()) {
    this.#addresses = addresses;
  }

  runtimeOf(pod: Pod): Runtime | undefined {
    return runtimeOf(pod, PROCESSES);
  }

  place(pod: Pod): PodPlace {
    const key = keyOf(pod.meta);
    const ip = pod.spec.hostNetwork ? LOOPBACK : this.#addresses.take(key);
    const claims = new SharedClaims(ip, pid => this.#pods.get(pid));
    const pids: number[] = [];
    return {
      ip,
      hostIP: LOOPBACK,
      open: async () => undefined,
      programs: {
        kind: 'processes',
        view: async () => ({ launch: (words, cwd) => ({ words, cwd }), close: async () => undefined }),
      },
      claims: {
        started: pid => {
          pids.push(pid);
          this.#pods.set(pid, key);
          claims.started(pid);
        },
        otherHolder: port => claims.otherHolder(port),
      },
      close: async () => {
        for (const pid of pids) this.#pods.delete(pid);
        this.#addresses.release(key);
      },
    };
  }
}
