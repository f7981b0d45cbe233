import type { Cidr } from '../../kube/address.ts';
import type { NodePortAddresses } from '../../routing/index.ts';
import { guarded } from '../outcomes.ts';
import type { NftOptions } from './nft/nft.ts';

/**
 * How packets of this node's own pods are told from others, as kube-proxy's detectLocalMode: by their source, by the
 * bridge or by the prefix of the interface that they come in on. `none`: nobody tells them apart, and then nothing that
 * is dialled on a cluster IP is masqueraded.
 */
export type LocalTraffic =
  | { readonly kind: 'none' }
  | { readonly kind: 'cidrs'; readonly cidrs: readonly Cidr[] }
  | { readonly kind: 'bridge'; readonly name: string }
  | { readonly kind: 'interfacePrefix'; readonly prefix: string };

/** What the plane has to say while it runs, one object an event. */
export type NftablesEvent =
  /** A route that the kernel did not take; what it had of it before stays. */
  | { readonly event: 'route-refused'; readonly route: string; readonly reason: string }
  /** Somebody else changed our tables; they are as they were again. */
  | { readonly event: 'repaired'; readonly family: string; readonly differences: number }
  | { readonly event: 'repair-failed'; readonly reason: string }
  /** Stale UDP flows could not be removed. */
  | { readonly event: 'flows-kept'; readonly reason: string };

export interface NftablesOptions {
  /** Canonical addresses of this node; the first of each family is its primary one. */
  readonly nodeAddresses: readonly string[];
  /** Default: primary. */
  readonly nodePortAddresses?: NodePortAddresses;
  /** Default: none. */
  readonly localTraffic?: LocalTraffic;
  /** Everything that is dialled on a cluster IP gets this node's address as its source. */
  readonly masqueradeAll?: boolean;
  /** Bit of the packet mark that carries "to be masqueraded", 0 to 31; default 14, as kube-proxy's. */
  readonly masqueradeBit?: number;
  /** Ranges of the cluster's ServiceCIDR objects: an address in them that no Service has swallows what is sent there. */
  readonly serviceCidrs?: readonly Cidr[];
  /** Ranges to give cluster IPs from, to Services that have none: manifests that never met an API server. */
  readonly assignCidrs?: readonly Cidr[];
  /** Start although another proxy's rules are there. */
  readonly force?: boolean;
  /** How often our tables are looked at for edits by somebody else, milliseconds; default 1,000, 0: never. */
  readonly watchMs?: number;
  readonly nft?: NftOptions;
  readonly log?: (event: NftablesEvent) => void;
}

export interface Settings extends Required<Omit<NftablesOptions, 'log'>> {
  readonly log: (event: NftablesEvent) => void;
}

/** @throws RangeError if the mark bit is none of a 32-bit mark */
export function settle(options: NftablesOptions): Settings {
  const masqueradeBit = options.masqueradeBit ?? 14;
  if (!Number.isInteger(masqueradeBit) || masqueradeBit < 0 || masqueradeBit > 31) {
    throw new RangeError(`the masquerade bit is 0 to 31, not ${masqueradeBit}`);
  }
  return {
    nodeAddresses: options.nodeAddresses,
    nodePortAddresses: options.nodePortAddresses ?? 'primary',
    localTraffic: options.localTraffic ?? { kind: 'none' },
    masqueradeAll: options.masqueradeAll ?? false,
    masqueradeBit,
    serviceCidrs: options.serviceCidrs ?? [],
    assignCidrs: options.assignCidrs ?? [],
    nft: options.nft ?? {},
    force: options.force ?? false,
    watchMs: options.watchMs ?? 1_000,
    log: guarded(options.log ?? (() => {})),
  };
}
