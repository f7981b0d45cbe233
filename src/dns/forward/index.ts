/**
 * Names that are not ours: asked of other servers, with a cache before them.
 *
 * @module
 */
export type { ForwardMetrics } from './counters.ts';
export { createForwarder, type Forwarder } from './forwarder.ts';
export { type ForwardEvent, parseUpstream, type UpstreamAddress } from './options.ts';
export { type NamePolicy, neverForwarded } from './special-names.ts';
