import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { registerDnsMetrics } from './metrics.ts';
import { DnsStatistics } from './statistics.ts';

test('what was counted is told when it is asked for', async () => {
  const registry = new Registry();
  const statistics = new DnsStatistics();
  await registerDnsMetrics(registry, statistics);
  const count = statistics.of('cluster.local', 1, 0, 'udp');
  count.total += 3;
  count.cached += 2;
  statistics.of('.', 65, 5, 'tcp').total += 1;
  statistics.dropped.rate += 4;
  statistics.took(0.0001);
  statistics.took(100);
  const lines = (await registry.metrics()).split('\n');
  const labels = 'zone="cluster.local",proto="udp",type="A",rcode="NOERROR"';
  expect(lines).toEqual(
    expect.arrayContaining([
      `switchboard_dns_responses_total{${labels},cached="true"} 2`,
      `switchboard_dns_responses_total{${labels},cached="false"} 1`,
      'switchboard_dns_responses_total{zone=".",proto="tcp",type="TYPE65",rcode="REFUSED",cached="false"} 1',
      'switchboard_dns_dropped_total{reason="rate"} 4',
      'switchboard_dns_response_duration_seconds_bucket{le="0.00025"} 1',
      'switchboard_dns_response_duration_seconds_bucket{le="+Inf"} 2',
    ]),
  );
});

test('made-up types do not make counters without end', () => {
  const statistics = new DnsStatistics();
  for (let type = 1; type <= 65_535; type++) statistics.of('.', type, 5, 'udp').total += 1;
  expect([...statistics.counts()].length).toBeLessThan(1100);
  expect([...statistics.counts()].reduce((sum, count) => sum + count.total, 0)).toBe(65_535);
});
