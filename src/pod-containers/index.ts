/**
 * Pods as containers of an engine: the same pods, probes and restarts as for processes, with the engine as the runtime.
 *
 * @module
 */
export { EnginePods, type EnginePodsOptions } from './engine-pods.ts';
export { ContainerImages } from './images.ts';
export { CLAIM_LABEL, MANIFESTS_LABEL } from './labels.ts';
export type { ContainerNetworkPlace } from './network.ts';
export { SANDBOX } from './sandbox.ts';
export type { Allowed } from './security.ts';
