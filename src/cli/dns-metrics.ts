import type { Server } from 'node:http';
import { Registry } from 'prom-client';
import { type Dns, type DnsAddress, type Forwarder, registerDnsMetrics } from '../dns/index.ts';
import { messageOf, SwitchboardError } from '../errors.ts';
import { hostPort } from '../kube/address.ts';
import { serve } from '../system/index.ts';

/**
 * Serves a DNS server's metrics at /metrics.
 *
 * @throws SWB_LISTEN_FAILED
 */
export async function serveDnsMetrics(place: DnsAddress, dns: Dns, forwarder: Forwarder | undefined): Promise<Server> {
  const registry = new Registry();
  await registerDnsMetrics(registry, dns, forwarder && (() => forwarder.metrics()));
  const text = async () => ({ status: 200, type: registry.contentType, body: await registry.metrics() });
  const { address: host, port } = place;
  try {
    return await serve({ host, port }, path => (path === '/metrics' ? text() : undefined));
  } catch (error) {
    const message = `cannot show metrics on ${hostPort(host, port)}: ${messageOf(error)}`;
    throw new SwitchboardError('SWB_LISTEN_FAILED', message, { cause: error, details: { address: host, port } });
  }
}
