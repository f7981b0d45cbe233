/** Volumes of a pod, and where containers mount them. */

import type { PersistentVolumeClaimSpec } from './claims.ts';
import type { Labels } from './meta.ts';
import type { Quantity } from './quantity.ts';

/** A key of a ConfigMap or Secret, and the file that it becomes. */
export interface KeyToPath {
  readonly key: string;
  /** Relative, without `..`. */
  readonly path: string;
  /** undefined: the volume's mode. */
  readonly mode?: number;
}

/** A volume of the keys of a ConfigMap or Secret. */
export interface KeysSource {
  readonly name: string;
  /** undefined: every key, as a file of its name. */
  readonly items?: readonly KeyToPath[];
  readonly optional: boolean;
}

export type DownwardFile = {
  /** Relative, without `..`. */
  readonly path: string;
  /** undefined: the volume's mode. */
  readonly mode?: number;
} & (
  | { readonly kind: 'field'; readonly fieldPath: string }
  | { readonly kind: 'resource'; readonly ref: ResourceReference }
);

/** `resourceFieldRef`: a limit or request of a container. */
export interface ResourceReference {
  /** Such as `limits.cpu`. */
  readonly resource: string;
  /** undefined: the container whose variable it is. */
  readonly containerName?: string;
  /** `0` means 1, as in the API. */
  readonly divisor: Quantity;
}

export type ProjectedSource =
  | ({ readonly kind: 'configMap' | 'secret' } & KeysSource)
  | { readonly kind: 'downwardAPI'; readonly items: readonly DownwardFile[] }
  | {
      readonly kind: 'serviceAccountToken';
      readonly path: string;
      readonly audience?: string;
      readonly expirationSeconds: number;
    }
  | { readonly kind: 'unsupported'; readonly type: string };

export const HOST_PATH_TYPES = [
  '',
  'DirectoryOrCreate',
  'Directory',
  'FileOrCreate',
  'File',
  'Socket',
  'CharDevice',
  'BlockDevice',
] as const;

export type VolumeSource =
  | {
      readonly kind: 'emptyDir';
      /** `''`: the disk; `Memory`: a tmpfs; others: not known here. */
      readonly medium: string;
      readonly sizeLimit?: Quantity;
    }
  | ({ readonly kind: 'configMap' | 'secret'; readonly defaultMode: number } & KeysSource)
  | { readonly kind: 'projected'; readonly defaultMode: number; readonly sources: readonly ProjectedSource[] }
  | { readonly kind: 'downwardAPI'; readonly defaultMode: number; readonly items: readonly DownwardFile[] }
  | { readonly kind: 'hostPath'; readonly path: string; readonly type: (typeof HOST_PATH_TYPES)[number] }
  | { readonly kind: 'persistentVolumeClaim'; readonly claimName: string; readonly readOnly: boolean }
  /** A claim that is made for the pod and ends with it; its name is `POD-VOLUME`. */
  | {
      readonly kind: 'ephemeral';
      readonly claim: {
        readonly labels: Labels;
        readonly annotations: Labels;
        readonly spec: PersistentVolumeClaimSpec;
      };
    }
  /** `type` as in a manifest: `nfs`, `csi`, `image`. */
  | { readonly kind: 'unsupported'; readonly type: string };

export interface Volume {
  readonly name: string;
  readonly source: VolumeSource;
}

export interface VolumeMount {
  /** Of the pod's volume. */
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly: boolean;
  readonly subPath?: string;
  /** A subPath in which `$(NAME)` is expanded. */
  readonly subPathExpr?: string;
  readonly mountPropagation: 'None' | 'HostToContainer' | 'Bidirectional';
}
