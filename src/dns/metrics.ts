/**
 * What DNS counts, as Prometheus metrics with CoreDNS' meanings under `switchboard_dns_`. The counts are plain numbers;
 * they become metrics when somebody asks for them.
 *
 * @module
 */
import type { Registry } from 'prom-client';
import type { ForwardMetrics } from './forward/index.ts';
import { type DnsStatistics, DURATION_BOUNDS, OTHER_TYPE } from './statistics.ts';
import { rcodeName, TYPE } from './wire/numbers.ts';

/** What metrics need of a `Dns`. */
export interface Measured {
  readonly statistics: DnsStatistics;
  readonly responder: { readonly entries: number };
  collect(): Promise<void>;
}

const TYPE_NAMES = new Map<number, string>(Object.entries(TYPE).map(([name, number]) => [number, name]));

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
  const { Counter, Gauge } = await import('prom-client');
  const { FinishedHistogram } = await import('./finished-histogram.ts');
  const registers = [registry];
  const { statistics } = dns;
  new Counter({
    name: 'switchboard_dns_responses_total',
    help: 'Answers by zone ("." is what is not ours), transport, type and code; cached: it was encoded already',
    labelNames: ['zone', 'proto', 'type', 'rcode', 'cached'],
    registers,
    async collect() {
      await dns.collect();
      this.reset();
      for (const { zone, transport, type, rcode, total, cached } of statistics.counts()) {
        const labels = { zone, proto: transport, type: typeName(type), rcode: rcodeName(rcode) };
        this.inc({ ...labels, cached: 'true' }, cached);
        this.inc({ ...labels, cached: 'false' }, total - cached);
      }
    },
  });
  new Counter({
    name: 'switchboard_dns_dropped_total',
    help: 'Messages without an answer: malformed, beyond the rate of their client, or too many waiting',
    labelNames: ['reason'],
    registers,
    async collect() {
      await dns.collect();
      this.reset();
      for (const [reason, count] of Object.entries(statistics.dropped)) this.inc({ reason }, count);
    },
  });
  new FinishedHistogram({
    name: 'switchboard_dns_response_duration_seconds',
    help: 'How long answers took, forwarded ones included',
    bounds: DURATION_BOUNDS,
    registers,
    read: async () => {
      await dns.collect();
      return [{ labels: {}, buckets: statistics.durations, sum: statistics.durationSum }];
    },
  });
  new Gauge({
    name: 'switchboard_dns_cache_entries',
    help: 'Encoded answers that are kept by the first socket',
    registers,
    collect() {
      this.set(dns.responder.entries);
    },
  });
  new Gauge({
    name: 'switchboard_dns_tcp_connections',
    help: 'TCP connections that are open',
    registers,
    collect() {
      this.set(statistics.connections);
    },
  });
  if (forward !== undefined) (await import('./forward-metrics.ts')).registerForwardMetrics(registry, forward);
}

/** By name where the type is served here; others by number, in the form of RFC 3597. */
function typeName(type: number): string {
  if (type === OTHER_TYPE) return 'other';
  return TYPE_NAMES.get(type) ?? `TYPE${type}`;
}
