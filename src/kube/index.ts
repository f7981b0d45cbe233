/** The objects of Kubernetes that Switchboard reads. Their readers are in read/, manifest files in manifest/. */
export { bytesOfBase64 } from './base64.ts';
export type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from './claims.ts';
export type { Container, ContainerPort, EnvFrom, EnvSource, EnvVar } from './containers.ts';
export { type CronSchedule, type ParsedCron, parseCron } from './cron.ts';
export type { Fault, ReadOptions, ReadOutcome } from './fault.ts';
export type { CronJob, Job, JobSpec } from './jobs.ts';
export type { Labels, ObjectMeta, OwnerReference } from './meta.ts';
export {
  ANNOTATION_LEADER,
  ANNOTATION_TOLERATE_UNREADY,
  ANNOTATION_TOPOLOGY_HINTS,
  ANNOTATION_TOPOLOGY_MODE,
  LABEL_HEADLESS,
  LABEL_MANAGED_BY,
  LABEL_PROXY_NAME,
  LABEL_SERVICE_NAME,
  LABEL_SKIP_MIRROR,
  LABEL_ZONE,
  MIRRORING_CONTROLLER,
  SLICE_CONTROLLER,
} from './names.ts';
export {
  type ConfigMap,
  type EndpointSlice,
  type Endpoints,
  type EndpointsAddress,
  type EndpointsSubset,
  type Kind,
  type KubeObject,
  keyOf,
  type LoadBalancerIngress,
  type Namespace,
  type Node,
  type ObjectEvent,
  type ObjectKey,
  type ObjectReference,
  type RoutingKind,
  type RoutingObject,
  type RunObject,
  type Service,
  type ServiceCIDR,
  type ServicePort,
  type ServiceType,
  type SliceEndpoint,
  type SlicePort,
  type TrafficDistribution,
  type TrafficPolicy,
  WORKLOAD_KINDS,
  type Workload,
  type WorkloadKind,
} from './objects.ts';
export type { Pod, PodCondition, PodPhase, PodSpec, PodStatus, PodTemplate } from './pods.ts';
export type { Probe, ProbeAction } from './probes.ts';
export {
  divideQuantity,
  parseQuantity,
  type Quantity,
  quantityValue,
} from './quantity.ts';
export type {
  ContainerRunSpec,
  ContainerSecurityContext,
  HostAlias,
  LifecycleAction,
  PodDnsConfig,
  PodRunSpec,
  PodSecurityContext,
  ResourceList,
  SeccompProfile,
} from './running.ts';
export { SecretValue } from './secret-value.ts';
export type { Secret, ServiceAccount } from './secrets.ts';
export { selectorText, selects } from './selector.ts';
export type {
  DownwardFile,
  KeysSource,
  KeyToPath,
  ProjectedSource,
  ResourceReference,
  Volume,
  VolumeMount,
  VolumeSource,
} from './volumes.ts';
export type { CountOrPercent, DeploymentStrategy, StatefulSetStrategy, WorkloadRunSpec } from './workload-run.ts';
