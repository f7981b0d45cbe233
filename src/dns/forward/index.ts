/**
 * Forwards queries for names outside our zones to upstream servers, behind a cache.
 *
 * @module
 */
export type { ForwardMetrics } from './counters.ts';
export { createForwarder, type Forwarder } from './forwarder.ts';
export { type ForwardEvent, parseUpstream, type UpstreamAddress } from './options.ts';
export { type NamePolicy, neverForwarded } from './special-names.ts';
