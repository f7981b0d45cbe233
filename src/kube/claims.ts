import type { ObjectMeta } from './meta.ts';
import type { Quantity } from './quantity.ts';

export const ACCESS_MODES = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'] as const;

export interface PersistentVolumeClaimSpec {
  readonly accessModes: readonly (typeof ACCESS_MODES)[number][];
  readonly volumeMode: 'Filesystem' | 'Block';
  /** `''`: no class; undefined: the cluster's default. */
  readonly storageClassName?: string;
  readonly storage: Quantity;
}

export interface PersistentVolumeClaim {
  readonly kind: 'PersistentVolumeClaim';
  readonly meta: ObjectMeta;
  readonly spec: PersistentVolumeClaimSpec;
}
