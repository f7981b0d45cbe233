/**
 * What DNS counts, as Prometheus metrics with CoreDNS' meanings under `switchboard_dns_`. The counts are plain numbers;
 * they become metrics when somebody asks for them.
 *
 * @module
 */
import type { Registry } from 'prom-client';
import { type DnsStatistics, DURATION_BOUNDS, OTHER_TYPE } from './statistics.ts';
import { TYPE } from './wire/numbers.ts';

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
const TYPE_NAMES = new Map<number, string>(Object.entries(TYPE).map(([name, number]) => [number, name]));

/** Registers the metrics of one server. The library is loaded only where somebody wants them. */
export async function registerDnsMetrics(registry: Registry, statistics: DnsStatistics): Promise<void> {
  const { Counter, Gauge } = await import('prom-client');
  const registers = [registry];
  new Counter({
    name: 'switchboard_dns_responses_total',
    help: 'Answers by zone ("." is what is not ours), transport, type and code; cached: it was encoded already',
    labelNames: ['zone', 'proto', 'type', 'rcode', 'cached'],
    registers,
    collect() {
      this.reset();
      for (const { zone, transport, type, rcode, total, cached } of statistics.counts()) {
        const labels = { zone, proto: transport, type: typeName(type), rcode: RCODES[rcode] ?? String(rcode) };
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
    collect() {
      this.reset();
      for (const [reason, count] of Object.entries(statistics.dropped)) this.inc({ reason }, count);
    },
  });
  // A Histogram of prom-client can only be observed, one value at a time: its series are written out here.
  new Counter({
    name: 'switchboard_dns_response_duration_seconds_bucket',
    help: 'Answers that took at most so many seconds, forwarded ones included',
    labelNames: ['le'],
    registers,
    collect() {
      this.reset();
      let sum = 0;
      for (const [index, count] of statistics.durations.entries()) {
        sum += count;
        this.inc({ le: String(DURATION_BOUNDS[index] ?? '+Inf') }, sum);
      }
    },
  });
  new Counter({
    name: 'switchboard_dns_response_duration_seconds_sum',
    help: 'Seconds that all answers took together',
    registers,
    collect() {
      this.reset();
      this.inc(statistics.durationSum);
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
}

/** By name where the type is served here; others by number, in the form of RFC 3597. */
function typeName(type: number): string {
  if (type === OTHER_TYPE) return 'other';
  return TYPE_NAMES.get(type) ?? `TYPE${type}`;
}
