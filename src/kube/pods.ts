import type { Container } from './containers.ts';
import type { Labels, ObjectMeta } from './meta.ts';
import type { PodRunSpec } from './running.ts';

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers: readonly Container[];
  readonly nodeName?: string;
  readonly hostname?: string;
  readonly subdomain?: string;
  readonly hostNetwork: boolean;
  readonly enableServiceLinks: boolean;
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  readonly terminationGracePeriodSeconds: number;
  readonly readinessGates: readonly string[];
  readonly serviceAccountName?: string;
  /** Only if `ReadOptions.run` asks for it. */
  readonly run?: PodRunSpec;
}

/** What a workload makes its pods from. */
export interface PodTemplate {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly spec: PodSpec;
}

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';

export interface PodCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
}

export interface PodStatus {
  readonly phase: PodPhase;
  /** Canonical, the primary one first. */
  readonly podIPs: readonly string[];
  readonly conditions: readonly PodCondition[];
}

export interface Pod {
  readonly kind: 'Pod';
  readonly meta: ObjectMeta;
  readonly spec: PodSpec;
  readonly status: PodStatus;
}
