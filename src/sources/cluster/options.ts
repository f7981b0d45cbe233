/**
 * What a cluster source is told, and what it tells of itself.
 *
 * @module
 */
import type { ReadOptions } from '../../kube/fault.ts';
import type { Kind } from '../../kube/objects.ts';
import type { KubeconfigChoice } from './kubeconfig.ts';

/** Milliseconds, all of them. */
export interface ClusterTimings {
  /** First and longest wait between two tries. */
  readonly retryFirstMs: number;
  readonly retryMostMs: number;
  /** A list, or the start of a watch, without a byte. */
  readonly answerSilenceMs: number;
  /** A watch without a byte: a server sends a bookmark about once a minute. */
  readonly watchSilenceMs: number;
  /** How long a watch must have been open, if nothing comes, to count as well. */
  readonly settleMs: number;
  /** How long the server is asked to keep a watch; up to twice that, by chance, so that watches do not end together. */
  readonly watchForMs: number;
}

export const DEFAULT_TIMINGS: ClusterTimings = {
  retryFirstMs: 250,
  retryMostMs: 30_000,
  answerSilenceMs: 60_000,
  watchSilenceMs: 90_000,
  settleMs: 1_000,
  watchForMs: 300_000,
};

export interface ClusterOptions extends KubeconfigChoice, Partial<ReadOptions> {
  readonly kinds: readonly Kind[];
  /** undefined: all namespaces. */
  readonly namespace?: string | undefined;
  /** Of Nodes, only the one of this name. */
  readonly node?: string | undefined;
  /** Leaves out what a proxy leaves alone (headless Services, those of another proxy); true unless told otherwise. */
  readonly proxied?: boolean;
  /**
   * false: one list of each kind and no watch; `load` throws instead of trying again. For commands that look once,
   * which then need no more than `list`. true unless told otherwise.
   */
  readonly follow?: boolean;
  /** Objects a page. */
  readonly pageSize?: number;
  /** false: never asks for a streaming list. */
  readonly streamingLists?: boolean;
  readonly timings?: Partial<ClusterTimings>;
  readonly onEvent?: (event: ClusterEvent) => void;
  /** Milliseconds of a clock that never steps. */
  readonly now?: () => number;
  /** From 0 to below 1. */
  readonly random?: () => number;
}

export interface KindStatus {
  /** It was listed once. */
  readonly synced: boolean;
  /** What is known is up to date: it was listed, and the watch that follows goes on. */
  readonly connected: boolean;
  /** Of the clock that was given; undefined: never. */
  readonly lastContactAt: number | undefined;
  /** Of the present outage; undefined while all is well. */
  readonly lastError: string | undefined;
}

/** What happens between the source and the API server, apart from objects. */
export type ClusterEvent =
  /** Once an outage: what is known stays, and may be out of date. */
  | { readonly type: 'lost'; readonly kind: Kind; readonly why: string }
  | { readonly type: 'back'; readonly kind: Kind; readonly afterMs: number }
  /** The first list, or one that a watch could not go on without. */
  | {
      readonly type: 'listed';
      readonly kind: Kind;
      readonly objects: number;
      readonly changes: number;
      readonly streamed: boolean;
      /** `''` for the first list. */
      readonly why: string;
    }
  /** Once an outage: `why` is the server's word, `fix` is for the user. */
  | {
      readonly type: 'refused';
      readonly kind: Kind;
      readonly status: 401 | 403;
      readonly why: string;
      readonly fix: string;
    }
  /** The server has no such kind; there are no objects of it. */
  | { readonly type: 'absent'; readonly kind: Kind };
