import type { Cidr } from '../../net/index.ts';
import type { NodePortAddresses } from '../../routing/index.ts';
import { guarded } from '../outcomes.ts';
import type { NftOptions } from './nft/open.ts';

/**
 * How packets of this node's own pods are recognised, as in kube-proxy's detectLocalMode: by source address, by bridge, or
 * by the prefix of the interface that they arrive on. `none`: they are not recognised, and connections to cluster IPs are
 * not masqueraded.
 */
export type LocalTraffic =
  | { readonly kind: 'none' }
  | { readonly kind: 'cidrs'; readonly cidrs: readonly Cidr[] }
  | { readonly kind: 'bridge'; readonly name: string }
  | { readonly kind: 'interfacePrefix'; readonly prefix: string };

/** What the plane logs while it runs. */
export type NftablesEvent =
  /** The kernel rejected a route; the previous version of the route stays. */
  | { readonly event: 'route-rejected'; readonly route: string; readonly reason: string }
  /** Another program changed the tables; the plane has repaired them. */
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
  /** Masquerade all connections to cluster IPs. */
  readonly masqueradeAll?: boolean;
  /** Bit of the packet mark that carries "to be masqueraded", 0 to 31; default 14, as kube-proxy's. */
  readonly masqueradeBit?: number;
  /** Ranges of the cluster's ServiceCIDR objects: packets to addresses in them that no Service has are dropped. */
  readonly serviceCidrs?: readonly Cidr[];
  /** Ranges to assign cluster IPs from, for Services of plain manifests. */
  readonly assignCidrs?: readonly Cidr[];
  /** Start even if another proxy's rules are present. */
  readonly force?: boolean;
  /** How often the tables are checked for edits by other programs, in milliseconds; default 1,000; 0: never. */
  readonly watchMs?: number;
  readonly nft?: NftOptions;
  readonly log?: (event: NftablesEvent) => void;
}

export interface ResolvedOptions extends Required<Omit<NftablesOptions, 'log'>> {
  readonly log: (event: NftablesEvent) => void;
}

/** @throws RangeError if the mark bit is not 0 to 31 */
export function resolveOptions(options: NftablesOptions): ResolvedOptions {
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
