import type { PersistentVolumeClaim } from './claims.ts';

/** A number of pods, or a share of the wanted ones. */
export type CountOrPercent = { readonly count: number } | { readonly percent: number };

export type DeploymentStrategy =
  | { readonly type: 'Recreate' }
  | {
      readonly type: 'RollingUpdate';
      /** Percentages are rounded up. */
      readonly maxSurge: CountOrPercent;
      /** Percentages are rounded down; if both are then 0, it is 1. */
      readonly maxUnavailable: CountOrPercent;
    };

export type StatefulSetStrategy =
  | { readonly type: 'OnDelete' }
  | {
      readonly type: 'RollingUpdate';
      readonly partition: number;
      /** With podManagementPolicy OrderedReady, too. Percentages are rounded up. */
      readonly maxUnavailable: CountOrPercent;
    };

/** What only running a workload's pods needs, by the workload's kind. */
export type WorkloadRunSpec =
  | {
      readonly kind: 'Deployment';
      readonly minReadySeconds: number;
      readonly strategy: DeploymentStrategy;
      readonly progressDeadlineSeconds: number;
      readonly paused: boolean;
    }
  | {
      readonly kind: 'StatefulSet';
      readonly minReadySeconds: number;
      readonly podManagementPolicy: 'OrderedReady' | 'Parallel';
      readonly updateStrategy: StatefulSetStrategy;
      /** The claim of a pod is named `TEMPLATE-POD`. */
      readonly volumeClaimTemplates: readonly Pick<PersistentVolumeClaim, 'meta' | 'spec'>[];
      /** Whether claims are deleted with the set, and with the pods that a smaller set no longer has. */
      readonly claimRetention: { readonly whenDeleted: 'Retain' | 'Delete'; readonly whenScaled: 'Retain' | 'Delete' };
    }
  /** A DaemonSet's updateStrategy is not read: here it has one pod. */
  | { readonly kind: 'ReplicaSet' | 'ReplicationController' | 'DaemonSet'; readonly minReadySeconds: number };
