/**
 * What only running a pod needs. Readers fill it if `ReadOptions.run` asks for it, so that programs which only route
 * do not hold it.
 *
 * @module
 */

import type { Labels } from './meta.ts';
import type { ProbeAction } from './probes.ts';
import type { Quantity } from './quantity.ts';
import type { Volume, VolumeMount } from './volumes.ts';

export type ResourceList = Readonly<Record<string, Quantity>>;

export type SeccompProfile =
  | { readonly type: 'RuntimeDefault' | 'Unconfined' }
  | { readonly type: 'Localhost'; readonly localhostProfile: string };

/** undefined: not set; for a container then the pod's value holds. */
interface CommonSecurityContext {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly runAsNonRoot?: boolean;
  readonly seccompProfile?: SeccompProfile;
}

export interface PodSecurityContext extends CommonSecurityContext {
  readonly supplementalGroups: readonly number[];
  readonly fsGroup?: number;
  readonly fsGroupChangePolicy: 'Always' | 'OnRootMismatch';
  readonly sysctls: readonly { readonly name: string; readonly value: string }[];
}

export interface ContainerSecurityContext extends CommonSecurityContext {
  readonly privileged: boolean;
  /** undefined: the runtime's default, which allows it. */
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem: boolean;
  /** Names as written: `NET_ADMIN`, `ALL`. */
  readonly addCapabilities: readonly string[];
  readonly dropCapabilities: readonly string[];
}

export type LifecycleAction =
  | Exclude<ProbeAction, { readonly kind: 'grpc' }>
  | { readonly kind: 'sleep'; readonly seconds: number };

export const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'] as const;

export interface ContainerRunSpec {
  /** With the default by the image's tag; undefined: the container has no image. */
  readonly imagePullPolicy?: (typeof PULL_POLICIES)[number];
  readonly volumeMounts: readonly VolumeMount[];
  readonly limits: ResourceList;
  /** In a pod, limits count as requests where there are none; in a template they do not yet. */
  readonly requests: ResourceList;
  readonly securityContext: ContainerSecurityContext;
  readonly postStart?: LifecycleAction;
  readonly preStop?: LifecycleAction;
  /** Such as `SIGUSR1`. Beats the image's. */
  readonly stopSignal?: string;
  readonly terminationMessagePath: string;
  readonly terminationMessagePolicy: 'File' | 'FallbackToLogsOnError';
}

export const DNS_POLICIES = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'] as const;

export interface PodDnsConfig {
  /** Canonical. */
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly { readonly name: string; readonly value?: string }[];
}

export interface HostAlias {
  /** Canonical. */
  readonly ip: string;
  readonly hostnames: readonly string[];
}

export interface PodRunSpec {
  readonly volumes: readonly Volume[];
  readonly dnsPolicy: (typeof DNS_POLICIES)[number];
  readonly dnsConfig: PodDnsConfig;
  readonly hostAliases: readonly HostAlias[];
  readonly setHostnameAsFQDN: boolean;
  readonly hostnameOverride?: string;
  /** Names of Secrets. */
  readonly imagePullSecrets: readonly string[];
  readonly securityContext: PodSecurityContext;
  readonly shareProcessNamespace: boolean;
  readonly hostPID: boolean;
  readonly hostIPC: boolean;
  readonly activeDeadlineSeconds?: number;
  /** undefined: what the ServiceAccount says, which by default is true. */
  readonly automountServiceAccountToken?: boolean;
  readonly nodeSelector: Labels;
  /** `spec.os.name` */
  readonly os?: 'linux' | 'windows';
  /**
   * The fields of this pod that are not read although they change how it runs, below `spec` and without indices:
   * `hostUsers`, `volumes.nfs`, `containers.restartPolicyRules`. Sorted, each once. What only chooses a node is not
   * among them, since here is only one.
   */
  readonly unsupported: readonly string[];
}
