/**
 * Sentences for the codes of the core: why a route is in its state, why a pod is no endpoint, why an endpoint gets no
 * traffic. The one place that the tables, the change lines, lint and diff read; nothing in the core depends on them.
 *
 * @module
 */
export { endpointName, exclusionText, frontendText, stateReason, whyUnready } from './route-state.ts';
export { type SkippedPodText, skippedPodText } from './skipped-pod.ts';
