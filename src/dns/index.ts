/**
 * DNS for Services: names of the Kubernetes DNS specification 1.1.0, answered from the store. Names that are not ours go
 * to a `Resolver`.
 *
 * @module
 */
export { createDns, type Dns, type DnsOptions } from './dns.ts';
export {
  createForwarder,
  type ForwardEvent,
  type Forwarder,
  type ForwardMetrics,
  parseUpstream,
  type UpstreamAddress,
} from './forward/index.ts';
export { registerDnsMetrics } from './metrics.ts';
export { zoneLabels } from './names/name.ts';
export { DEFAULT_ZONE } from './names/zones.ts';
export type { ForwardedAnswer, ForwardQuestion, Resolver } from './resolver.ts';
export type { Refusal } from './server/dns-server.ts';
export { DEFAULT_SETTINGS, type DnsSettings, type PodMode, type ServiceListener } from './settings.ts';
export { DnsStatistics } from './statistics.ts';
