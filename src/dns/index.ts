/**
 * A DNS server for Services (Kubernetes DNS specification 1.1.0) that answers from the store. A `Resolver` resolves all
 * other names.
 *
 * @module
 */
export { createDns, type Dns, type DnsOptions } from './dns.ts';
export { createForwarder, type Forwarder, type ForwardMetrics } from './forward/forwarder.ts';
export { type ForwardEvent, parseUpstream, type UpstreamAddress } from './forward/options.ts';
export { registerDnsMetrics } from './metrics.ts';
export { DEFAULT_ZONE, zoneLabels } from './names/name.ts';
export { DEFAULT_RECORD_OPTIONS, type PodMode, type RecordOptions, type ServiceListener } from './record-options.ts';
export type { ForwardedAnswer, ForwardQuestion, Resolver } from './resolver.ts';
export type { ListenFailure } from './server/socket-threads.ts';
export { DnsStatistics } from './statistics.ts';
