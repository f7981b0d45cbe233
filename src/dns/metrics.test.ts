import { Registry } from 'prom-client';
import { expect, test, vi } from 'vitest';
import { registerDnsMetrics } from './metrics.ts';
import { DnsStatistics, UpstreamCounters } from './statistics.ts';

test('a scrape reports the current counts', async () => {
  const registry = new Registry();
  const statistics = new DnsStatistics();
  const collect = vi.fn(async () => undefined);
  await registerDnsMetrics(registry, { statistics, responder: { entries: 7 }, collect });
  const count = statistics.of('cluster.local', 1, 0, 'udp');
  count.total += 3;
  count.cached += 2;
  statistics.of('.', 65, 5, 'tcp').total += 1;
  statistics.dropped.rate += 4;
  statistics.durations.observe(0.0001);
  statistics.durations.observe(100);
  const lines = (await registry.metrics()).split('\n');
  const labels = 'zone="cluster.local",proto="udp",type="A",rcode="NOERROR"';
  expect(lines).toEqual(
    expect.arrayContaining([
      `switchboard_dns_responses_total{${labels},cached="true"} 2`,
      `switchboard_dns_responses_total{${labels},cached="false"} 1`,
      'switchboard_dns_responses_total{zone=".",proto="tcp",type="TYPE65",rcode="REFUSED",cached="false"} 1',
      'switchboard_dns_dropped_total{reason="rate"} 4',
      '# TYPE switchboard_dns_response_duration_seconds histogram',
      'switchboard_dns_response_duration_seconds_bucket{le="0.00025"} 1',
      'switchboard_dns_response_duration_seconds_bucket{le="+Inf"} 2',
      'switchboard_dns_response_duration_seconds_sum 100.0001',
      'switchboard_dns_response_duration_seconds_count 2',
      'switchboard_dns_cache_entries 7',
    ]),
  );
  expect(collect).toHaveBeenCalled();
  const numbered = lines.filter(line => line.startsWith('switchboard_dns_response_duration_seconds_bucket'));
  expect(numbered).toHaveLength(statistics.durations.buckets.length);
});

test('the number of counters is limited, whatever types clients invent', () => {
  const statistics = new DnsStatistics();
  for (let type = 1; type <= 65_535; type++) statistics.of('.', type, 5, 'udp').total += 1;
  expect([...statistics.counts()].length).toBeLessThan(1100);
  expect([...statistics.counts()].reduce((sum, count) => sum + count.total, 0)).toBe(65_535);
});

test('a scrape reports every upstream server', async () => {
  const registry = new Registry();
  const dns = { statistics: new DnsStatistics(), responder: { entries: 0 }, collect: async () => undefined };
  const counters = new UpstreamCounters();
  counters.count(3, 0.003);
  counters.count('timeout', 2);
  counters.dropped++;
  await registerDnsMetrics(registry, dns, () => ({
    upstreams: [
      { upstream: '192.0.2.1:53', state: 'up', counters },
      { upstream: '192.0.2.2:53', state: 'down', counters: new UpstreamCounters() },
    ],
    cacheHits: 5,
    cacheMisses: 2,
    stale: 1,
    joined: 0,
    turnedAway: 0,
    inFlight: 3,
    cacheEntries: 4,
    cacheBytes: 0,
  }));
  expect((await registry.metrics()).split('\n')).toEqual(
    expect.arrayContaining([
      'switchboard_dns_forward_responses_total{to="192.0.2.1:53",rcode="NXDOMAIN"} 1',
      'switchboard_dns_forward_failures_total{to="192.0.2.1:53",reason="timeout"} 1',
      'switchboard_dns_forward_failures_total{to="192.0.2.1:53",reason="dropped"} 1',
      '# TYPE switchboard_dns_forward_duration_seconds histogram',
      'switchboard_dns_forward_duration_seconds_bucket{to="192.0.2.1:53",le="0.005"} 1',
      'switchboard_dns_forward_duration_seconds_count{to="192.0.2.1:53"} 2',
      'switchboard_dns_forward_up{to="192.0.2.1:53"} 1',
      'switchboard_dns_forward_up{to="192.0.2.2:53"} 0',
      'switchboard_dns_forward_cache_total{result="hit"} 5',
      'switchboard_dns_forward_cache_total{result="stale"} 1',
      'switchboard_dns_forward_cache_entries 4',
      'switchboard_dns_forward_in_flight 3',
    ]),
  );
});

test('counts of another thread are added and reset there', () => {
  const [here, there] = [new DnsStatistics(), new DnsStatistics()];
  const count = there.of('.', 1, 0, 'udp');
  count.total += 2;
  there.dropped.rate += 1;
  there.durations.observe(0.1);
  here.add(there.take());
  count.total += 1;
  here.add(there.take());
  expect([...here.counts()]).toEqual([{ zone: '.', type: 1, rcode: 0, transport: 'udp', total: 3, cached: 0 }]);
  expect([here.dropped.rate, here.durations.sum, there.durations.sum]).toEqual([1, 0.1, 0]);
  expect([...here.durations.buckets].reduce((sum, number) => sum + number, 0)).toBe(1);
});
