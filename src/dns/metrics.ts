import type { Registry } from 'prom-client';
import type { ForwardMetrics } from './forward/index.ts';
import type { MetricsSource } from './prometheus.ts';

/**
 * Registers the metrics of a server. Loads prom-client only now.
 *
 * @param forward reads the counts of its forwarder, if it has one
 */
export async function registerDnsMetrics(
  registry: Registry,
  dns: MetricsSource,
  forward?: () => ForwardMetrics,
): Promise<void> {
  const { registerMetrics, registerForwardMetrics } = await import('./prometheus.ts');
  registerMetrics(registry, dns);
  if (forward !== undefined) registerForwardMetrics(registry, forward);
}
