import { SwitchboardError } from '../../errors.ts';
import { type AddressBlock, canonicalAddress } from '../../net/index.ts';
import type { RouteKey } from '../../routing/index.ts';
import { type NetworkSockets, ownNetwork } from '../../system/index.ts';
import { guarded } from '../outcomes.ts';

export type Balance = 'random' | 'round-robin' | 'least-connections';

/** An event of the plane, for the log. */
export type PlaneEvent =
  | {
      readonly event: 'connect-failed';
      readonly route: RouteKey;
      readonly client: string;
      /** The endpoints that were dialed for this connection, in order, and how each attempt failed. */
      readonly tried: readonly { readonly endpoint: string; readonly code: string }[];
      /** Failed connections of this route since the last such event that were not reported one by one. */
      readonly unreported: number;
    }
  | {
      readonly event: 'endpoint-ejected';
      readonly route: RouteKey;
      readonly endpoint: string;
      readonly code: string;
      readonly forMs: number;
    }
  | { readonly event: 'out-of-files'; readonly route: RouteKey; readonly limit?: number; readonly unreported: number }
  /** accept() or receiving failed for another reason; the listener stays open. */
  | { readonly event: 'accept-failed'; readonly route: RouteKey; readonly code: string; readonly unreported: number }
  | { readonly event: 'flows-evicted'; readonly limit: number; readonly unreported: number }
  | {
      readonly event: 'listener-moved' | 'listener-failed';
      readonly route: RouteKey;
      readonly address: string;
      readonly port: number;
      readonly reason: string;
    };

export interface UserspaceOptions {
  /** Default: least-connections, by the power of two choices. */
  readonly balance?: Balance;
  /**
   * `per-service`: a loopback address for each Service, which only Linux allows without special rights; a block: an address
   * of it for each Service, all of which this machine has; Services have no IPv6 then.
   */
  readonly addresses?: 'per-service' | 'shared' | AddressBlock;
  /** The address on which NodePort and LoadBalancer frontends of its family listen; default and other family: loopback. */
  readonly listen?: string;
  readonly connectTimeoutMs?: number;
  readonly udpIdleMs?: number;
  readonly maxUdpFlows?: number;
  /** How long connections of a deleted Service may stay open. */
  readonly deleteGraceMs?: number;
  readonly log?: (event: PlaneEvent) => void;
  /** The network in which the plane listens. Default: that of this process, in which it dials endpoints. */
  readonly network?: NetworkSockets;
  readonly random?: () => number;
  /** A monotonic clock, in milliseconds. */
  readonly now?: () => number;
}

export interface ResolvedOptions extends Required<Omit<UserspaceOptions, 'listen'>> {
  readonly listen: string | undefined;
}

/** @throws SWB_USAGE if `listen` is not an IP address */
export function resolveOptions(options: UserspaceOptions): ResolvedOptions {
  const listen = options.listen === undefined ? undefined : canonicalAddress(options.listen);
  if (options.listen !== undefined && listen === undefined) {
    throw new SwitchboardError('SWB_USAGE', `the address to listen on, "${options.listen}", is not an IP address`);
  }
  return {
    balance: options.balance ?? 'least-connections',
    addresses: options.addresses ?? (process.platform === 'linux' ? 'per-service' : 'shared'),
    listen,
    connectTimeoutMs: options.connectTimeoutMs ?? 3_000,
    udpIdleMs: options.udpIdleMs ?? 60_000,
    maxUdpFlows: options.maxUdpFlows ?? 10_000,
    deleteGraceMs: options.deleteGraceMs ?? 30_000,
    log: guarded(options.log ?? (() => {})),
    network: options.network ?? ownNetwork,
    random: options.random ?? Math.random,
    now: options.now ?? (() => performance.now()),
  };
}
