/**
 * A plane implements routes. It gets changes of routes and never sees a Kubernetes object.
 *
 * @module
 */
import type { Protocol } from '../net/index.ts';
import type { Frontend, RouteChange, RouteKey } from '../routing/index.ts';

/** The address and port where a frontend of a route can be dialled. */
export interface Listener {
  readonly route: RouteKey;
  readonly frontend: Frontend;
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
  /** Why the port is not the Service's own: `port 80 needs root`, `80 is held by nginx (pid 7)`. */
  readonly moved?: string;
  /** Why the frontend cannot be dialled at all. */
  readonly failed?: string;
}

/** The outcome of one change. */
export interface RouteOutcome {
  readonly change: RouteChange;
  /** The route's listeners after the apply; none for a deleted route. */
  readonly listeners: readonly Listener[];
  /** Why the plane could not make the change, or not all of it. The change can be applied again. */
  readonly failure?: string;
  /** The change is made, but a listener failed for a cause that may pass. Applying the route again tries to open it. */
  readonly incomplete?: boolean;
}

export interface ApplyReport {
  /** One for each change, in the same order. */
  readonly outcomes: readonly RouteOutcome[];
  /** Why the apply failed as a whole; also set if there were no changes. */
  readonly failure?: string;
}

/** Counters of one route since it was created. */
export interface RouteTraffic {
  readonly route: RouteKey;
  readonly accepted: number;
  readonly active: number;
  readonly refused: number;
  /** Connects that were retried on another endpoint. */
  readonly retried: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** `address:port` -> number of connections (UDP: flows) to it. */
  readonly byEndpoint: ReadonlyMap<string, number>;
}

export interface Plane {
  readonly name: string;
  /**
   * Makes the changes. Without changes, it still removes what an earlier run has left. Never rejects: failures are in the
   * outcomes, and no change is left half made. Concurrent calls are queued.
   */
  apply(changes: readonly RouteChange[]): Promise<ApplyReport>;
  /** What `apply` would do, as text; only of planes that support it. */
  dryRun?(changes: readonly RouteChange[]): Promise<string>;
  /** Reads back the listeners that really exist. */
  observe(): Promise<readonly Listener[]>;
  traffic(): readonly RouteTraffic[];
  /** Closes the plane. `drainMs`: how long open connections may continue before they are closed. */
  close(options: { readonly drainMs: number }): Promise<void>;
}
