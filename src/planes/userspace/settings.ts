import { SwitchboardError } from '../../errors.ts';
import { canonicalAddress } from '../../kube/address.ts';
import type { RouteKey } from '../../routing/index.ts';
import { guarded } from '../outcomes.ts';

export type Balance = 'random' | 'round-robin' | 'least-connections';

/** What the plane has to say while it runs, one object an event; whoever assembles the program logs it. */
export type PlaneEvent =
  | {
      readonly event: 'connect-failed';
      readonly route: RouteKey;
      readonly client: string;
      /** What was tried for this connection, in order, and how each ended. */
      readonly tried: readonly { readonly endpoint: string; readonly code: string }[];
      /** Connections of this route that failed since the last such event and were not reported one by one. */
      readonly unreported: number;
    }
  | {
      readonly event: 'endpoint-shunned';
      readonly route: RouteKey;
      readonly endpoint: string;
      readonly code: string;
      readonly forMs: number;
    }
  | { readonly event: 'out-of-files'; readonly route: RouteKey; readonly limit?: number; readonly unreported: number }
  /** accept() or receiving failed for another reason; the listener goes on. */
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
  /** `per-service`: an own loopback address for every Service, which Linux alone has without asking for rights. */
  readonly addresses?: 'per-service' | 'shared';
  /** Where NodePort and LoadBalancer frontends of its family listen; default and other family: loopback. */
  readonly listen?: string;
  readonly connectTimeoutMs?: number;
  readonly udpIdleMs?: number;
  readonly maxUdpFlows?: number;
  /** How long connections of a deleted Service may go on. */
  readonly deleteGraceMs?: number;
  readonly log?: (event: PlaneEvent) => void;
  readonly random?: () => number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

export interface Settings extends Required<Omit<UserspaceOptions, 'listen'>> {
  readonly listen: string | undefined;
}

/** @throws SWB_USAGE if `listen` is no address */
export function settle(options: UserspaceOptions): Settings {
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
    random: options.random ?? Math.random,
    now: options.now ?? (() => performance.now()),
  };
}
