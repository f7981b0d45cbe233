/**
 * The networks in which pods run: namespaces of their own, a network of a container engine, or the network of this machine,
 * which they share.
 *
 * @module
 */
import type { Pod } from '../../kube/index.ts';
import type { SocketAddress } from '../../net/index.ts';
import type { Plane } from '../../planes/index.ts';
import { type PodNetwork, SharedNetwork } from '../../pods/index.ts';
import { type NetworkSockets, ownNetwork } from '../../system/index.ts';
import type { Up } from '../../up/index.ts';
import type { ForwardFlag } from '../options/index.ts';

/** A network whose pods have addresses that other networks do not route. */
export interface Elsewhere {
  contains(address: string): boolean;
  /** Where this process reaches a port in it; absent where the network of this machine reaches it. */
  readonly reach?: ((protocol: 'TCP' | 'UDP', to: SocketAddress) => Promise<SocketAddress>) | undefined;
}

/** What `up` needs of the network of its pods. */
export interface PodSide {
  readonly network: PodNetwork;
  /** Serve the pods; none where they use the same plane as the programs of this machine. */
  readonly planes: readonly Plane[];
  /** Which of `planes` serves a pod; undefined: the one of the programs of this machine. */
  planeOf(pod: Pod): Plane | undefined;
  /** Makes the plane of the programs of this machine reach endpoints from the network of this process. */
  front(plane: Plane): Plane;
  /** Connects to the pods of this side, and to everything of this machine, for pods of another network. */
  readonly connect: Pick<NetworkSockets, 'connectTcp' | 'connectUdp'>;
  /** Where the programs of this machine dial, if that is not the network of this process. */
  readonly host?: NetworkSockets;
  /** Whether an address is a pod's that only this process reaches. */
  readonly isPodAddress?: (address: string) => boolean;
  /** Whether pods reach the network outside. */
  readonly outward: boolean;
  /** The folder for the sockets of this instance, and its pid, if those are not the process's own. */
  readonly instance?: { readonly folder: string; readonly pid: number };
  /** Serves the names of Services to pods. */
  serveNames(up: Up, domain: string, forward: ForwardFlag): Promise<void>;
  close(): Promise<void>;
}

export function sharedSide(): PodSide {
  return {
    outward: true,
    network: new SharedNetwork(),
    planes: [],
    planeOf: () => undefined,
    connect: ownNetwork,
    front: plane => plane,
    serveNames: async () => undefined,
    close: async () => undefined,
  };
}
