import type { Server } from 'node:http';
import { Registry } from 'prom-client';
import { type Dns, type Forwarder, registerDnsMetrics } from '../../../dns/index.ts';
import { messageOf, SwitchboardError } from '../../../errors.ts';
import { hostPort, type SocketAddress } from '../../../net/index.ts';
import { serve } from '../../../system/index.ts';

/**
 * Serves a DNS server's metrics at /metrics.
 *
 * @throws SWB_LISTEN_FAILED
 */
export async function serveDnsMetrics(
  place: SocketAddress,
  dns: Dns,
  forwarder: Forwarder | undefined,
): Promise<Server> {
  const registry = new Registry();
  await registerDnsMetrics(registry, dns, forwarder && (() => forwarder.metrics()));
  const text = async () => ({ status: 200, type: registry.contentType, body: await registry.metrics() });
  try {
    return await serve(place, path => (path === '/metrics' ? text() : undefined));
  } catch (error) {
    const { address, port } = place;
    const message = `cannot serve metrics on ${hostPort(address, port)}: ${messageOf(error)}`;
    throw new SwitchboardError('SWB_LISTEN_FAILED', message, { cause: error, details: { address, port } });
  }
}
