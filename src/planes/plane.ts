/**
 * A plane makes routes real. It gets differences of routes and never sees a Kubernetes object.
 *
 * @module
 */
import type { Protocol } from '../kube/protocol.ts';
import type { Frontend, RouteChange, RouteKey } from '../routing/index.ts';

/** Where one frontend of a route can really be dialled. */
export interface Listener {
  readonly route: RouteKey;
  readonly frontend: Frontend;
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
  /** Why the port is not the one that the Service names: `80 needs a right this process lacks`, `80 is held by nginx (pid 7)`. */
  readonly moved?: string;
  /** Set when it could not be dialled at all. */
  readonly failed?: string;
}

/** What became of one change. */
export interface RouteOutcome {
  readonly change: RouteChange;
  /** The route's listeners as they are now; a deleted route has none. */
  readonly listeners: readonly Listener[];
  /** Why the plane could not make the change, or not all of it. The same change can be applied again. */
  readonly failure?: string;
}

export interface ApplyReport {
  /** One for each change, in the order of the changes. */
  readonly outcomes: readonly RouteOutcome[];
  /** Why the plane could do nothing at all; also set where there were no changes. */
  readonly failure?: string;
}

/** Counters of one route since it was made. */
export interface RouteTraffic {
  readonly route: RouteKey;
  readonly accepted: number;
  readonly active: number;
  readonly refused: number;
  /** Connects tried again on another endpoint. */
  readonly retried: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** `address:port` -> connections (UDP: flows) given to it. */
  readonly byEndpoint: ReadonlyMap<string, number>;
}

export interface Plane {
  readonly name: string;
  /**
   * Makes the changes; none at all still removes what an earlier run has left. Never rejects: every failure is in the outcome of its change, and no change is left half made.
   * The plane serialises the calls, in order.
   */
  apply(changes: readonly RouteChange[]): Promise<ApplyReport>;
  /** What `apply` would do, as text, where a plane can say; nothing is changed. */
  dryRun?(changes: readonly RouteChange[]): Promise<string>;
  /** What is really programmed, read back. */
  observe(): Promise<readonly Listener[]>;
  traffic(): readonly RouteTraffic[];
  /** Ends the plane. `drainMs`: how long open connections may go on before they are cut. */
  close(options: { readonly drainMs: number }): Promise<void>;
}
