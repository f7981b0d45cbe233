export { toApiSlice } from './api-shape.ts';
export { MAX_ENDPOINTS_PER_SLICE, type MadeSlices, makeSlices, type Nodes } from './controller.ts';
export { asksForTopologyMode } from './hints.ts';
export { mirrorEndpoints } from './mirror.ts';
export { PIN, pinnedSlice } from './pins.ts';
export { type EndpointsOrigin, type ServiceEndpoints, serviceEndpoints } from './service-endpoints.ts';
export type { SkippedPod, SkipReason } from './skipped-pod.ts';
export { declaringContainer, nameablePorts, resolveTargetPort } from './target-port.ts';
