import type { IpFamily } from '../net/index.ts';
import type { KubeObject } from './objects.ts';

/** A value that the API server would reject: its field, why, and how to fix it. */
export interface Fault {
  /** As the API server writes it: `spec.ports[1].targetPort`. */
  readonly field: string;
  readonly why: string;
  readonly fix: string;
  /** Set if the API has no such field. */
  readonly unknownField?: true;
}

/** The result of reading one object. Notes are for the user and do not reject it. */
export type ReadOutcome =
  | { readonly status: 'read'; readonly object: KubeObject; readonly notes: readonly Fault[] }
  | {
      readonly status: 'rejected';
      readonly kind: string;
      readonly namespace: string;
      readonly name: string;
      readonly faults: readonly Fault[];
      readonly notes: readonly Fault[];
    }
  /** An object of a kind that Switchboard does not use; `kind` is for messages: `Secret`, `batch/v1 Job`. */
  | { readonly status: 'skipped'; readonly kind: string };

/** Defaults that come from the cluster and not from a manifest. */
export interface ReadOptions {
  /** The IP family of Services that name none. */
  readonly primaryFamily: IpFamily;
  /** The namespace of objects that name none, as with `kubectl`. */
  readonly defaultNamespace: string;
  /**
   * Also reads and validates what only running pods needs: the `run` of pods, containers, workloads and ConfigMaps, and
   * the kinds of `RunObject`. Default: false; without it, those kinds are skipped.
   */
  readonly run?: boolean;
}
