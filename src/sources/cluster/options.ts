/**
 * The options, status and events of a cluster source.
 *
 * @module
 */
import type { Kind, ReadOptions } from '../../kube/index.ts';
import type { KubeconfigChoice } from './kubeconfig.ts';

/** All values are milliseconds. */
export interface ClusterTimings {
  /** Shortest and longest wait between two attempts. */
  readonly retryFirstMs: number;
  readonly retryMaxMs: number;
  /** Timeout for a list, or the start of a watch, without data. */
  readonly answerSilenceMs: number;
  /** Timeout for a watch without data: a server sends a bookmark about once a minute. */
  readonly watchSilenceMs: number;
  /** How long a watch without events must be open before the connection counts as restored. */
  readonly settleMs: number;
  /** The requested duration of a watch; a random factor from 1 to 2 keeps watches from ending together. */
  readonly watchForMs: number;
}

export const DEFAULT_TIMINGS: ClusterTimings = {
  retryFirstMs: 250,
  retryMaxMs: 30_000,
  answerSilenceMs: 60_000,
  watchSilenceMs: 90_000,
  settleMs: 1_000,
  watchForMs: 300_000,
};

export interface ClusterOptions extends KubeconfigChoice, Partial<Omit<ReadOptions, 'run'>> {
  readonly kinds: readonly Kind[];
  /** undefined: all namespaces. */
  readonly namespace?: string | undefined;
  /** Reads only the Node with this name. */
  readonly node?: string | undefined;
  /** Excludes what a proxy does not handle (headless Services, those of another proxy). Default: true. */
  readonly proxied?: boolean;
  /**
   * false: lists each kind once and does not watch, so that the verb `list` suffices; `load` throws instead of retrying.
   * For commands that read the cluster once. Default: true.
   */
  readonly follow?: boolean;
  /** Objects per page. */
  readonly pageSize?: number;
  /** false: never requests a streaming list. */
  readonly streamingLists?: boolean;
  readonly timings?: Partial<ClusterTimings>;
  readonly onEvent?: (event: ClusterEvent) => void;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
  /** As `Math.random`. */
  readonly random?: () => number;
}

export interface KindStatus {
  /** The kind was listed at least once. */
  readonly synced: boolean;
  /** The objects are up to date: listed, and the watch is running. */
  readonly connected: boolean;
  /** By the clock `now`; undefined: never. */
  readonly lastContactAt: number | undefined;
  /** In the current outage; undefined if there is none. */
  readonly lastError: string | undefined;
}

/** Events of the connection between the source and the API server. */
export type ClusterEvent =
  /** Once an outage. The objects stay and may be out of date. */
  | { readonly type: 'lost'; readonly kind: Kind; readonly why: string }
  | { readonly type: 'back'; readonly kind: Kind; readonly afterMs: number }
  /** The first list, or one that was needed to continue. */
  | {
      readonly type: 'listed';
      readonly kind: Kind;
      readonly objects: number;
      readonly changes: number;
      readonly streamed: boolean;
      /** `''` for the first list. */
      readonly why: string;
    }
  /** Once an outage: `why` is the server's message, `fix` is for the user. */
  | {
      readonly type: 'refused';
      readonly kind: Kind;
      readonly status: 401 | 403;
      readonly why: string;
      readonly fix: string;
    }
  /** Once an outage: the server was not contacted, since a file, an exec plugin or an issuer gave no credentials. */
  | { readonly type: 'no-credentials'; readonly kind: Kind; readonly why: string }
  /** The server does not have this kind, so there are no objects of it. */
  | { readonly type: 'absent'; readonly kind: Kind };
