import type { Registry } from 'prom-client';
import type { ForwardMetrics } from './forward/index.ts';
import type { DnsStatistics } from './statistics.ts';

/** What metrics need of a `Dns`. */
export interface Measured {
  readonly statistics: DnsStatistics;
  readonly responder: { readonly entries: number };
  collect(): Promise<void>;
}

/**
 * Registers the metrics of one server. The library is loaded only where somebody wants them.
 *
 * @param forward what its forwarder has counted, if it has one
 */
export async function registerDnsMetrics(
  registry: Registry,
  dns: Measured,
  forward?: () => ForwardMetrics,
): Promise<void> {
  const { registerMetrics, registerForwardMetrics } = await import('./prometheus.ts');
  registerMetrics(registry, dns);
  if (forward !== undefined) registerForwardMetrics(registry, forward);
}
