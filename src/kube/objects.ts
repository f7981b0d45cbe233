/**
 * Kubernetes objects with defaults filled in, cut down to the fields that routing and local pods need, plain and
 * readonly. `read/` creates and validates them; other code does not validate again.
 *
 * @module
 */
import type { Cidr, IpFamily, Protocol } from '../net/index.ts';
import type { PersistentVolumeClaim } from './claims.ts';
import type { CronJob, Job } from './jobs.ts';
import type { Labels, ObjectMeta } from './meta.ts';
import type { Pod, PodTemplate } from './pods.ts';
import type { Secret, ServiceAccount } from './secrets.ts';
import type { WorkloadRunSpec } from './workload-run.ts';

export type * from './claims.ts';
export type * from './containers.ts';
export type * from './jobs.ts';
export type * from './meta.ts';
export type * from './pods.ts';
export type * from './probes.ts';
export type * from './running.ts';
export type * from './secrets.ts';
export type * from './volumes.ts';
export type * from './workload-run.ts';

export type ServiceType = 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
export type TrafficPolicy = 'Cluster' | 'Local';
export type TrafficDistribution = 'PreferClose' | 'PreferSameZone' | 'PreferSameNode';

export interface ServicePort {
  /** `''` for the one unnamed port of a Service. */
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** A number, or the *name* of a container port, looked up in each pod. */
  readonly targetPort: number | string;
  /** undefined: a control plane would allocate one, or the type has none. */
  readonly nodePort?: number;
  readonly appProtocol?: string;
}

export interface LoadBalancerIngress {
  /** Canonical. */
  readonly ip?: string;
  readonly hostname?: string;
  readonly ipMode: 'VIP' | 'Proxy';
}

export interface Service {
  readonly kind: 'Service';
  readonly meta: ObjectMeta;
  readonly type: ServiceType;
  /** undefined: no selector, so users write the endpoints manually. `{}` selects nothing, too. */
  readonly selector?: Labels;
  readonly ports: readonly ServicePort[];
  /** clusterIP: None. */
  readonly headless: boolean;
  /** Canonical, at most one per family; empty if headless, ExternalName, or not allocated (plain manifests). */
  readonly clusterIPs: readonly string[];
  /** In order. For plain manifests: the primary family, or both if ipFamilyPolicy requests them. */
  readonly ipFamilies: readonly IpFamily[];
  readonly externalIPs: readonly string[];
  readonly externalName?: string;
  /** ClientIP affinity, seconds. */
  readonly affinityTimeoutSeconds?: number;
  readonly internalTrafficPolicy: TrafficPolicy;
  readonly externalTrafficPolicy: TrafficPolicy;
  readonly healthCheckNodePort?: number;
  readonly publishNotReadyAddresses: boolean;
  readonly loadBalancerSourceRanges: readonly Cidr[];
  readonly loadBalancerIngress: readonly LoadBalancerIngress[];
  readonly trafficDistribution?: TrafficDistribution;
}

export const WORKLOAD_KINDS = [
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'ReplicationController',
] as const;

export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** What makes pods from a template and keeps them running. */
export interface Workload {
  readonly kind: WorkloadKind;
  readonly meta: ObjectMeta;
  readonly replicas: number;
  /** matchLabels of the selector. Expressions are not needed, since pods are created here and never adopted. */
  readonly selector: Labels;
  readonly template: PodTemplate;
  /** StatefulSet: the governing Service, and the first ordinal. */
  readonly serviceName?: string;
  readonly firstOrdinal: number;
  /** Only if `ReadOptions.run` asks for it. */
  readonly run?: WorkloadRunSpec;
}

export interface SlicePort {
  /** undefined: the proxy ignores the port. */
  readonly name?: string;
  readonly protocol: Protocol;
  readonly port?: number;
  readonly appProtocol?: string;
}

export interface ObjectReference {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export interface SliceEndpoint {
  /** Canonical for IPv4 and IPv6. */
  readonly addresses: readonly string[];
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly targetRef?: ObjectReference;
  readonly forZones: readonly string[];
  readonly forNodes: readonly string[];
}

export interface EndpointSlice {
  readonly kind: 'EndpointSlice';
  readonly meta: ObjectMeta;
  readonly addressType: IpFamily | 'FQDN';
  readonly ports: readonly SlicePort[];
  readonly endpoints: readonly SliceEndpoint[];
}

export interface EndpointsAddress {
  readonly ip: string;
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly targetRef?: ObjectReference;
}

export interface EndpointsSubset {
  readonly addresses: readonly EndpointsAddress[];
  readonly notReadyAddresses: readonly EndpointsAddress[];
  readonly ports: readonly {
    readonly name: string;
    readonly port: number;
    readonly protocol: Protocol;
    readonly appProtocol?: string;
  }[];
}

/** The older v1 Endpoints, mirrored to slices for Services without a selector. */
export interface Endpoints {
  readonly kind: 'Endpoints';
  readonly meta: ObjectMeta;
  readonly subsets: readonly EndpointsSubset[];
}

export interface Node {
  readonly kind: 'Node';
  readonly meta: ObjectMeta;
  readonly podCIDRs: readonly Cidr[];
  /** InternalIP and ExternalIP addresses, canonical. */
  readonly addresses: readonly string[];
  /** Keys of its taints. */
  readonly taints: readonly string[];
}

export interface Namespace {
  readonly kind: 'Namespace';
  readonly meta: ObjectMeta;
}

export interface ServiceCIDR {
  readonly kind: 'ServiceCIDR';
  readonly meta: ObjectMeta;
  readonly cidrs: readonly Cidr[];
}

export interface ConfigMap {
  readonly kind: 'ConfigMap';
  readonly meta: ObjectMeta;
  readonly data: Labels;
  /** Only if `ReadOptions.run` asks for it. */
  readonly run?: {
    /** In base64; `bytesOfBase64` decodes it. */
    readonly binaryData: Labels;
    readonly immutable: boolean;
  };
}

/** Objects that only running pods needs. They are read if `ReadOptions.run` asks for them, and never from a cluster. */
export type RunObject = Secret | ServiceAccount | PersistentVolumeClaim | Job | CronJob;

/** Objects that routing reads. They may go to other processes of the user; run objects may not. */
export type RoutingObject =
  | Service
  | Pod
  | Workload
  | EndpointSlice
  | Endpoints
  | Node
  | Namespace
  | ServiceCIDR
  | ConfigMap;

export type KubeObject = RoutingObject | RunObject;

export type RoutingKind = RoutingObject['kind'];

export type Kind = KubeObject['kind'];

/** `namespace/name`; the name alone for kinds without a namespace. */
export type ObjectKey = string;

export function keyOf(meta: Pick<ObjectMeta, 'namespace' | 'name'>): ObjectKey {
  return meta.namespace === '' ? meta.name : `${meta.namespace}/${meta.name}`;
}

/** A change that a source reports of one object. */
export type ObjectEvent =
  | { readonly type: 'set'; readonly object: KubeObject }
  | { readonly type: 'delete'; readonly kind: Kind; readonly namespace: string; readonly name: string };
