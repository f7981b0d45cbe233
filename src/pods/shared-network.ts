import { keyOf, type Pod } from '../kube/index.ts';
import { PodAddresses } from './addresses.ts';
import type { PodNetwork, PodPlace } from './network.ts';

const LOOPBACK = '127.0.0.1';

/**
 * The network of this machine, which all pods share: each has a loopback address where the system has several, and two
 * programs that listen on one port at all addresses collide.
 */
export class SharedNetwork implements PodNetwork {
  readonly endsAll = false;
  readonly #addresses: PodAddresses;

  constructor(addresses: PodAddresses = PodAddresses.onLoopback()) {
    this.#addresses = addresses;
  }

  place(pod: Pod): PodPlace {
    const key = keyOf(pod.meta);
    return {
      ip: pod.spec.hostNetwork ? LOOPBACK : this.#addresses.take(key),
      hostIP: LOOPBACK,
      open: async () => undefined,
      command: words => words,
      close: async () => this.#addresses.release(key),
    };
  }
}
