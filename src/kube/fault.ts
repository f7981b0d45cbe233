import type { KubeObject } from './objects.ts';
import type { IpFamily } from './protocol.ts';

/** One value that the API would refuse: where in the object, why, and what to do. */
export interface Fault {
  /** As the API server writes it: `spec.ports[1].targetPort`. */
  readonly field: string;
  readonly why: string;
  readonly fix: string;
}

/** What reading one object gave. Notes are worth saying and stop nothing. */
export type ReadOutcome =
  | { readonly status: 'read'; readonly object: KubeObject; readonly notes: readonly Fault[] }
  | {
      readonly status: 'refused';
      readonly kind: string;
      readonly namespace: string;
      readonly name: string;
      readonly faults: readonly Fault[];
      readonly notes: readonly Fault[];
    }
  /** Something that is not read here; `kind` names it as a user would: `Secret`, `batch/v1 Job`. */
  | { readonly status: 'passedOver'; readonly kind: string };

/** What a cluster decides and a manifest does not say. */
export interface ReadOptions {
  /** The family of Services that name none; `kubectl` fills in the namespace in the same way. */
  readonly primaryFamily: IpFamily;
  readonly defaultNamespace: string;
}
