export { PodAddresses } from './addresses.ts';
export { assumeRunning } from './assume.ts';
export {
  type EnvOverride,
  EnvOverrides,
  parseEnvFile,
  parseEnvFileFlag,
  parseEnvFlag,
} from './config/env-flags.ts';
export { type ImageOverride, ImageOverrides, parseImageFlag } from './config/image-flags.ts';
export { isForPodsOnly } from './config/pod-objects.ts';
export type { DialledService } from './config/service-env.ts';
export { podsOf, WorkloadPods } from './expand.ts';
export { hostsFile } from './files/hosts-file.ts';
export { nameFiles } from './files/name-files.ts';
export { guestPod } from './guest.ts';
export { hostnameOf } from './hostname.ts';
export { podOfJobTemplate } from './jobs/job-pods.ts';
export type { LocalPods } from './local-pods.ts';
export { MixedNetwork } from './mixed-network.ts';
export type { ContainerView, EngineVolumes, Launch, PodNetwork, PodPlace, VolumeStorage } from './network.ts';
export {
  type EndpointOverride,
  Overrides,
  type PodOverride,
  parseEndpointOverride,
  parsePodOverride,
} from './overrides.ts';
export type {
  CommandEvents,
  ContainerConfig,
  Mount,
  ProgramEnd,
  ProgramEvents,
  RunningProgram,
  StartProgram,
} from './program.ts';
export { LocalPodRunner, type RunnerOptions } from './runner.ts';
export { needsEngine, PROCESSES, type RunMode, type Runtime, type RuntimeChoice, runtimeOf } from './runtime.ts';
export { SharedNetwork } from './shared-network.ts';
export { ClaimStore, projectOf, type StoredClaim } from './volumes/claim-store.ts';
