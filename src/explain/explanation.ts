/**
 * The explanation of one Service port: its hops, the verdict, and the fix.
 *
 * @module
 */

/** `unknown`: only a cluster or a probe can show it. */
export type HopState = 'ok' | 'broken' | 'warning' | 'unknown';

export interface Hop {
  readonly hop: 'client' | 'service' | 'targetPort' | 'selector' | 'endpoints' | 'process';
  readonly state: HopState;
  readonly text: string;
  readonly details: readonly string[];
}

export type Verdict = 'reaches' | 'partly' | 'does not reach' | 'unknown';
export type Confidence = 'certain' | 'likely' | 'hint';

export interface Fix {
  readonly text: string;
  /** `Service shop/web` */
  readonly object?: string;
  /** `spec.ports[0].targetPort` */
  readonly field?: string;
  /** RFC 6902, for `kubectl patch --type=json`. */
  readonly patch?: readonly { readonly op: 'replace' | 'add'; readonly path: string; readonly value: unknown }[];
}

export interface Explanation {
  readonly target: string;
  readonly verdict: Verdict;
  readonly confidence: Confidence;
  readonly hops: readonly Hop[];
  /** One sentence; absent if nothing is wrong. */
  readonly cause?: string;
  readonly fix?: Fix;
}
