import type { AddressBlock, SocketAddress } from '../net/index.ts';

/** The network of an engine in which pods run. */
export interface ContainerNetworkPlace {
  /** The engine's name of it. */
  readonly name: string;
  /** The gateway's address: the pods' DNS server, and their node. */
  readonly gateway: string;
  /** The addresses that pods may have. */
  readonly pods: AddressBlock;
  /** For what holds a pod's network: an image with Node and `sleep`. */
  readonly image: { readonly reference: string; readonly node: string; readonly sleep: string };
  /** Where this process reaches a TCP port of a pod; absent where that is the pod's own address. */
  readonly reach?: (to: SocketAddress) => Promise<SocketAddress>;
}
