/**
 * Turns the codes of the core into sentences: why a route is in its state, why a pod is not an endpoint, why an endpoint
 * gets no traffic. Tables, change lines, lint and diff use them; nothing in the core depends on them.
 *
 * @module
 */
export { endpointName, exclusionText, frontendText, stateReason, whyUnready } from './route-state.ts';
export { type SkippedPodText, skippedPodText } from './skipped-pod.ts';
