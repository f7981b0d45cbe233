import { type AddressBlock, addressAt, blockOf, parseCidr } from '../../net/index.ts';

/** Who has which addresses of an engine's network. The engine itself has the rest of the lower half (`SubnetPlan.range`). */
export interface AddressPlan {
  /** Of the gateway container: the second address, after the one of the engine's bridge. */
  readonly gateway: string;
  readonly pods: AddressBlock;
  /** Stand for endpoints outside of the network. */
  readonly relays: AddressBlock;
  readonly clusterIPs: AddressBlock;
}

/** Left free before those of pods, for what else is to come. */
const MAX_RESERVED = 256;

/** @param subnet of at least 64 addresses. @throws TypeError */
export function addressPlan(subnet: string): AddressPlan {
  const cidr = parseCidr(subnet);
  const block = cidr === undefined ? undefined : blockOf(cidr);
  if (block === undefined || block.size < 64) throw new TypeError(`${subnet} is too small for a network of pods`);
  const { first, size } = block;
  const reserved = Math.min(MAX_RESERVED, size / 16);
  return {
    gateway: addressAt(block, 2),
    pods: { first: first + reserved, size: size / 4 - reserved },
    relays: { first: first + size / 4, size: size / 8 },
    clusterIPs: { first: first + size / 2, size: size / 2 },
  };
}
