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
type Read<V> = () => Samples<V> | Promise<Samples<V>>;

/** Registers a metric by name without prefix, help, and what a scrape reads. */
interface Registering {
  counter(name: string, help: string, read: Read<number>): void;
  gauge(name: string, help: string, read: Read<number>): void;
  histogram(name: string, help: string, read: Read<Durations>): void;
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
  const registers = [registry];
  const labelNames = ['zone', 'proto', 'type', 'rcode', 'cached', 'reason', 'to', 'result'];
  const plain = (Kind: typeof Counter | typeof Gauge) => (suffix: string, help: string, read: Read<number>) =>
    new Kind({
      ...{ name: `switchboard_dns_${suffix}`, help, labelNames, registers },
      async collect() {
        const samples = await read();
        this.reset();
        for (const [labels, value] of samples) this.inc(labels, value);
      },
    });
  const histogram = (suffix: string, help: string, read: Read<Durations>) => {
    const name = `switchboard_dns_${suffix}`;
    // prom-client's own histogram takes one value at a time, which costs more than the answers it would measure. The
    // registry calls this method (prom-client 15).
    const getForPromString = async () => {
      const values = (await read()).flatMap(([labels, durations]) => seriesOf(name, labels, durations));
      return { name, help, type: 'histogram', aggregator: 'sum', values };
    };
    registry.registerMetric(Object.assign(new Histogram({ name, help, registers: [] }), { getForPromString }));
  };
  const registering = { counter: plain(Counter), gauge: plain(Gauge), histogram };
  registerServer(registering, dns);
  if (forward !== undefined) registerForward(registering, forward);
}

function registerServer({ counter, gauge, histogram }: Registering, dns: MetricsSource): void {
  const { statistics } = dns;
  counter(
    'responses_total',
    'Answers by zone (".": outside our zones), transport, type and response code; cached: from the cache of encoded answers',
    async () => {
      await dns.collect();
      return [...statistics.counts()].flatMap(({ zone, transport, type, rcode, total, cached }) =>
        by(
          'cached',
          { true: cached, false: total - cached },
          { zone, proto: transport, type: typeName(type), rcode: rcodeName(rcode) },
        ),
      );
    },
  );
  counter(
    'dropped_total',
    'Messages without a response: malformed, above the rate limit of the client, or too many waiting',
    async () => {
      await dns.collect();
      return by('reason', statistics.dropped);
    },
  );
  histogram('response_duration_seconds', 'Time to answer, including forwarded queries', async () => {
    await dns.collect();
    return [[{}, statistics.durations]];
  });
  gauge('cache_entries', 'Encoded answers in the cache of the first socket', () => [[{}, dns.responder.entries]]);
  gauge('tcp_connections', 'Open TCP connections', () => [[{}, statistics.connections]]);
}

function registerForward({ counter, gauge, histogram }: Registering, read: () => ForwardMetrics): void {
  counter('forward_responses_total', 'Responses of upstream servers by response code', () =>
    read().upstreams.flatMap(({ upstream: to, counters }) =>
      [...counters.answers].map(([rcode, count]) => [{ to, rcode: rcodeName(rcode) }, count] as const),
    ),
  );
  counter(
    'forward_failures_total',
    'Timeouts, failures to send or read, and dropped messages that do not match a query',
    () =>
      read().upstreams.flatMap(({ upstream: to, counters: { timeouts, failures, dropped } }) =>
        by('reason', { timeout: timeouts, failed: failures, dropped }, { to }),
      ),
  );
  histogram('forward_duration_seconds', 'Time that upstream servers took to respond', () =>
    read().upstreams.map(({ upstream: to, counters }) => [{ to }, counters.durations]),
  );
  gauge('forward_up', '1: the upstream server is in use; 0: it does not respond, or forwards queries back', () =>
    read().upstreams.map(({ upstream: to, state }) => [{ to }, state === 'up' ? 1 : 0]),
  );
  counter(
    'forward_cache_total',
    'Queries by how the cache of forwarded answers served them; stale: expired, since no upstream responded',
    () => {
      const { cacheHits, cacheMisses, stale, joined, turnedAway } = read();
      return by('result', { hit: cacheHits, miss: cacheMisses, stale, joined, turned_away: turnedAway });
    },
  );
  gauge('forward_cache_entries', 'Answers in the cache of forwarded answers', () => [[{}, read().cacheEntries]]);
  gauge('forward_in_flight', 'Queries that wait for upstream servers', () => [[{}, read().inFlight]]);
}

/** A sample for every key. */
function by(label: string, counts: Readonly<Record<string, number>>, labels: Labels = {}): Samples<number> {
  return Object.entries(counts).map(([key, count]) => [{ ...labels, [label]: key }, count]);
}

/** The time series of a histogram, whose buckets are counted already. */
function seriesOf(name: string, labels: Labels, { bounds, buckets, sum }: Durations) {
  // prom-client expects shared labels.
  const sample = (suffix: string, value: number, more: Labels = labels) => ({
    metricName: `${name}_${suffix}`,
    labels: more,
    value,
    sharedLabels: {},
  });
  let count = 0;
  const series = [...buckets].map((own, index) => {
    count += own;
    return sample('bucket', count, { ...labels, le: String(bounds[index] ?? '+Inf') });
  });
  return [...series, sample('sum', sum), sample('count', count)];
}

const TYPE_NAMES = new Map<number, string>(Object.entries(TYPE).map(([name, number]) => [number, name]));

/** The name of a type that this server has records of; for others the form of RFC 3597. */
function typeName(type: number): string {
  if (type === OTHER_TYPE) return 'other';
  return TYPE_NAMES.get(type) ?? `TYPE${type}`;
}
