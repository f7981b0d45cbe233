/**
 * Names that are not ours: asked of other servers, with a cache before them.
 *
 * @module
 */
export type { CacheLimits } from './cache.ts';
export type { Clock } from './clock.ts';
export { DURATION_BUCKETS, type Durations, type ForwardMetrics, type UpstreamMetrics } from './counters.ts';
export { createForwarder, type Forwarder } from './forwarder.ts';
export type { Lifetimes } from './lifetime.ts';
export { parseUpstream } from './parse-upstream.ts';
export { nameservers } from './resolv-conf.ts';
export type { ForwardEvent, ForwarderSettings, Place, Timings, UpstreamAddress } from './settings.ts';
export { type NamePolicy, type NeverForwarded, neverForwarded } from './special-names.ts';
export { isWithin, nameOf, textOf } from './wire-name.ts';
