import type { IpFamily } from './protocol.ts';

/** One value that the API would refuse: where in the object, why, and what to do. */
export interface Fault {
  /** As the API server writes it: `spec.ports[1].targetPort`. */
  readonly field: string;
  readonly why: string;
  readonly fix: string;
}

/** What reading one object gave: the object, or what is wrong with it; notes are worth saying and stop nothing. */
export type ReadResult<T> =
  | { readonly ok: true; readonly object: T; readonly notes: readonly Fault[] }
  | { readonly ok: false; readonly faults: readonly Fault[]; readonly notes: readonly Fault[] };

/** What a cluster decides and a manifest does not say. */
export interface ReadOptions {
  /** The family of Services that name none; `kubectl` fills in the namespace in the same way. */
  readonly primaryFamily: IpFamily;
  readonly defaultNamespace: string;
}
