/**
 * Prometheus metrics of DNS, with the meanings of CoreDNS' metrics, under `switchboard_dns_`. Counts are plain numbers
 * until a scrape.
 *
 * @module
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { rcodeName } from '../net/index.ts';
import type { ForwardMetrics } from './forward/index.ts';
import { type DnsStatistics, type Durations, OTHER_TYPE } from './statistics.ts';
import { TYPE } from './wire/numbers.ts';

/** The parts of a `Dns` that metrics read. */
export interface MetricsSource {
  readonly statistics: DnsStatistics;
  readonly responder: { readonly entries: number };
  collect(): Promise<void>;
}

type Labels = Readonly<Record<string, string>>;
type Samples<V> = Iterable<readonly [Labels, V]>;

interface Metric<V> {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly read: () => Samples<V> | Promise<Samples<V>>;
}

export function registerMetrics(registry: Registry, dns: MetricsSource): void {
  const { statistics } = dns;
  addCounter(registry, {
    name: 'responses_total',
    help: 'Answers by zone (".": outside our zones), transport, type and response code; cached: from the cache of encoded answers',
    labels: ['zone', 'proto', 'type', 'rcode', 'cached'],
    read: async () => {
      await dns.collect();
      return [...statistics.counts()].flatMap(({ zone, transport, type, rcode, total, cached }) => {
        const labels = { zone, proto: transport, type: typeName(type), rcode: rcodeName(rcode) };
        return [
          [{ ...labels, cached: 'true' }, cached] as const,
          [{ ...labels, cached: 'false' }, total - cached] as const,
        ];
      });
    },
  });
  addCounter(registry, {
    name: 'dropped_total',
    help: 'Messages without a response: malformed, above the rate limit of the client, or too many waiting',
    labels: ['reason'],
    read: async () => {
      await dns.collect();
      return Object.entries(statistics.dropped).map(([reason, count]) => [{ reason }, count]);
    },
  });
  addHistogram(registry, {
    name: 'response_duration_seconds',
    help: 'Time to answer, including forwarded queries',
    read: async () => {
      await dns.collect();
      return [[{}, statistics.durations]];
    },
  });
  addGauge(registry, {
    name: 'cache_entries',
    help: 'Encoded answers in the cache of the first socket',
    read: () => [[{}, dns.responder.entries]],
  });
  addGauge(registry, {
    name: 'tcp_connections',
    help: 'Open TCP connections',
    read: () => [[{}, statistics.connections]],
  });
}

export function registerForwardMetrics(registry: Registry, read: () => ForwardMetrics): void {
  const upstreams = () => read().upstreams.map(({ upstream: to, state, counters }) => ({ to, state, counters }));
  addCounter(registry, {
    name: 'forward_responses_total',
    help: 'Responses of upstream servers by response code',
    labels: ['to', 'rcode'],
    read: () =>
      upstreams().flatMap(({ to, counters }) =>
        [...counters.answers].map(([rcode, count]) => [{ to, rcode: rcodeName(rcode) }, count] as const),
      ),
  });
  addCounter(registry, {
    name: 'forward_failures_total',
    help: 'Timeouts, failures to send or read, and dropped messages that do not match a query',
    labels: ['to', 'reason'],
    read: () =>
      upstreams().flatMap(({ to, counters: { timeouts, failures, dropped } }) =>
        Object.entries({ timeout: timeouts, failed: failures, dropped }).map(
          ([reason, count]) => [{ to, reason }, count] as const,
        ),
      ),
  });
  addHistogram(registry, {
    name: 'forward_duration_seconds',
    help: 'Time that upstream servers took to respond',
    read: () => upstreams().map(({ to, counters }) => [{ to }, counters.durations]),
  });
  addGauge(registry, {
    name: 'forward_up',
    help: '1: the upstream server is in use; 0: it does not respond, or forwards queries back',
    labels: ['to'],
    read: () => upstreams().map(({ to, state }) => [{ to }, state === 'up' ? 1 : 0]),
  });
  addCounter(registry, {
    name: 'forward_cache_total',
    help: 'Queries by how the cache of forwarded answers served them; stale: expired, since no upstream responded',
    labels: ['result'],
    read: () => {
      const { cacheHits, cacheMisses, stale, joined, turnedAway } = read();
      const results = { hit: cacheHits, miss: cacheMisses, stale, joined, turned_away: turnedAway };
      return Object.entries(results).map(([result, count]) => [{ result }, count]);
    },
  });
  addGauge(registry, {
    name: 'forward_cache_entries',
    help: 'Answers in the cache of forwarded answers',
    read: () => [[{}, read().cacheEntries]],
  });
  addGauge(registry, {
    name: 'forward_in_flight',
    help: 'Queries that wait for upstream servers',
    read: () => [[{}, read().inFlight]],
  });
}

function addCounter(registry: Registry, { name, help, labels = [], read }: Metric<number>): void {
  new Counter({
    ...{ name: `switchboard_dns_${name}`, help, labelNames: [...labels], registers: [registry] },
    async collect() {
      const samples = await read();
      this.reset();
      for (const [own, value] of samples) this.inc(own, value);
    },
  });
}

function addGauge(registry: Registry, { name, help, labels = [], read }: Metric<number>): void {
  new Gauge({
    ...{ name: `switchboard_dns_${name}`, help, labelNames: [...labels], registers: [registry] },
    async collect() {
      const samples = await read();
      this.reset();
      for (const [own, value] of samples) this.set(own, value);
    },
  });
}

function addHistogram(registry: Registry, metric: Metric<Durations>): void {
  registry.registerMetric(new CountedHistogram(metric));
}

/**
 * A histogram with precomputed buckets. prom-client's own takes one value at a time, which costs more than the answers
 * it would measure.
 */
class CountedHistogram extends Histogram<string> {
  readonly #metric: Metric<Durations>;

  constructor(metric: Metric<Durations>) {
    super({ name: `switchboard_dns_${metric.name}`, help: metric.help, registers: [] });
    this.#metric = metric;
  }

  /** Called by the registry for text, and by the class itself for data (prom-client 15). */
  async getForPromString() {
    const { help, read } = this.#metric;
    const name = `switchboard_dns_${this.#metric.name}`;
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
