export { PodAddresses } from './addresses.ts';
export { assumeRunning } from './assume.ts';
export { podsOf, WorkloadPods } from './expand.ts';
export { guestPod } from './guest.ts';
export { hostnameOf } from './hostname.ts';
export type { LocalPods } from './local-pods.ts';
export type { Mount, PodNetwork, PodPlace } from './network.ts';
export {
  type EndpointOverride,
  Overrides,
  type PodOverride,
  parseEndpointOverride,
  parsePodOverride,
} from './overrides.ts';
export { isRunnable, LocalPodRunner, type RunnerOptions } from './runner.ts';
export type { DialledService } from './service-env.ts';
export { SharedNetwork } from './shared-network.ts';
