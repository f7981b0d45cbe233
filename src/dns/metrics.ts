/**
 * Prometheus metrics of DNS, with the meanings of CoreDNS' metrics, under `switchboard_dns_`. Counts are plain numbers
 * until a scrape.
 *
 * @module
 */
import type { Registry } from 'prom-client';
import { rcodeName } from '../net/index.ts';
import type { ForwardMetrics } from './forward/forwarder.ts';
import { type DnsStatistics, type Durations, OTHER_TYPE } from './statistics.ts';
import { TYPE } from './wire/numbers.ts';

/** The parts of a `Dns` that metrics read. */
export interface MetricsSource {
  readonly statistics: DnsStatistics;
  readonly responder: { readonly entries: number };
  collect(): Promise<void>;
}

type Labels = Readonly<Record<string, string>>;
type Samples<V> = readonly (readonly [Labels, V])[];

interface Metric<V> {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly read: () => Samples<V> | Promise<Samples<V>>;
}

interface Metrics {
  readonly counters: readonly Metric<number>[];
  readonly gauges: readonly Metric<number>[];
  readonly histogram: Metric<Durations>;
}

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
  const { Counter, Gauge, Histogram } = await import('prom-client');
  for (const { counters, gauges, histogram } of [serverMetrics(dns), ...(forward ? [forwardMetrics(forward)] : [])]) {
    for (const [Kind, metrics] of [[Counter, counters] as const, [Gauge, gauges] as const]) {
      for (const { name, help, labels = [], read } of metrics) {
        new Kind({
          ...{ name: `switchboard_dns_${name}`, help, labelNames: [...labels], registers: [registry] },
          async collect() {
            const samples = await read();
            this.reset();
            for (const [own, value] of samples) this.inc(own, value);
          },
        });
      }
    }
    const name = `switchboard_dns_${histogram.name}`;
    // prom-client's own histogram takes one value at a time, which costs more than the answers it would measure. The
    // registry calls this method (prom-client 15).
    const counted = new Histogram({ name, help: histogram.help, registers: [] });
    registry.registerMetric(Object.assign(counted, { getForPromString: () => bucketsOf(name, histogram) }));
  }
}

function serverMetrics(dns: MetricsSource): Metrics {
  const { statistics } = dns;
  const collected = async () => {
    await dns.collect();
    return statistics;
  };
  return {
    counters: [
      {
        name: 'responses_total',
        help: 'Answers by zone (".": outside our zones), transport, type and response code; cached: from the cache of encoded answers',
        labels: ['zone', 'proto', 'type', 'rcode', 'cached'],
        read: async () =>
          [...(await collected()).counts()].flatMap(({ zone, transport, type, rcode, total, cached }) => {
            const labels = { zone, proto: transport, type: typeName(type), rcode: rcodeName(rcode) };
            return [
              [{ ...labels, cached: 'true' }, cached] as const,
              [{ ...labels, cached: 'false' }, total - cached] as const,
            ];
          }),
      },
      {
        name: 'dropped_total',
        help: 'Messages without a response: malformed, above the rate limit of the client, or too many waiting',
        labels: ['reason'],
        read: async () => by('reason', (await collected()).dropped),
      },
    ],
    gauges: [
      {
        name: 'cache_entries',
        help: 'Encoded answers in the cache of the first socket',
        read: () => [[{}, dns.responder.entries]],
      },
      { name: 'tcp_connections', help: 'Open TCP connections', read: () => [[{}, statistics.connections]] },
    ],
    histogram: {
      name: 'response_duration_seconds',
      help: 'Time to answer, including forwarded queries',
      read: async () => [[{}, (await collected()).durations]],
    },
  };
}

function forwardMetrics(read: () => ForwardMetrics): Metrics {
  return {
    counters: [
      {
        name: 'forward_responses_total',
        help: 'Responses of upstream servers by response code',
        labels: ['to', 'rcode'],
        read: () =>
          read().upstreams.flatMap(({ upstream: to, counters }) =>
            [...counters.answers].map(([rcode, count]) => [{ to, rcode: rcodeName(rcode) }, count] as const),
          ),
      },
      {
        name: 'forward_failures_total',
        help: 'Timeouts, failures to send or read, and dropped messages that do not match a query',
        labels: ['to', 'reason'],
        read: () =>
          read().upstreams.flatMap(({ upstream: to, counters: { timeouts, failures, dropped } }) =>
            by('reason', { timeout: timeouts, failed: failures, dropped }, { to }),
          ),
      },
      {
        name: 'forward_cache_total',
        help: 'Queries by how the cache of forwarded answers served them; stale: expired, since no upstream responded',
        labels: ['result'],
        read: () => {
          const { cacheHits, cacheMisses, stale, joined, turnedAway } = read();
          return by('result', { hit: cacheHits, miss: cacheMisses, stale, joined, turned_away: turnedAway });
        },
      },
    ],
    gauges: [
      {
        name: 'forward_up',
        help: '1: the upstream server is in use; 0: it does not respond, or forwards queries back',
        labels: ['to'],
        read: () => read().upstreams.map(({ upstream: to, state }) => [{ to }, state === 'up' ? 1 : 0]),
      },
      {
        name: 'forward_cache_entries',
        help: 'Answers in the cache of forwarded answers',
        read: () => [[{}, read().cacheEntries]],
      },
      {
        name: 'forward_in_flight',
        help: 'Queries that wait for upstream servers',
        read: () => [[{}, read().inFlight]],
      },
    ],
    histogram: {
      name: 'forward_duration_seconds',
      help: 'Time that upstream servers took to respond',
      read: () => read().upstreams.map(({ upstream: to, counters }) => [{ to }, counters.durations]),
    },
  };
}

/** A sample for every key. */
function by(label: string, counts: Readonly<Record<string, number>>, labels: Labels = {}): Samples<number> {
  return Object.entries(counts).map(([key, count]) => [{ ...labels, [label]: key }, count]);
}

/** The time series of a histogram, whose buckets are counted already. */
async function bucketsOf(name: string, { help, read }: Metric<Durations>) {
  const values = [...(await read())].flatMap(([labels, { bounds, buckets, sum }]) => {
    let count = 0;
    const series = [...buckets].map((own, index) => {
      count += own;
      return sample(`${name}_bucket`, { ...labels, le: String(bounds[index] ?? '+Inf') }, count);
    });
    return [...series, sample(`${name}_sum`, labels, sum), sample(`${name}_count`, labels, count)];
  });
  return { name, help, type: 'histogram', aggregator: 'sum', values };
}

function sample(metricName: string, labels: Labels, value: number) {
  // prom-client expects shared labels.
  return { metricName, labels, value, sharedLabels: {} };
}

const TYPE_NAMES = new Map<number, string>(Object.entries(TYPE).map(([name, number]) => [number, name]));

/** The name of a type that this server has records of; for others the form of RFC 3597. */
function typeName(type: number): string {
  if (type === OTHER_TYPE) return 'other';
  return TYPE_NAMES.get(type) ?? `TYPE${type}`;
}
