/**
 * What the forwarder counts, as Prometheus metrics.
 *
 * @module
 */
import { Counter, Gauge, type Registry } from 'prom-client';
import { FinishedHistogram } from './finished-histogram.ts';
import { DURATION_BUCKETS, type ForwardMetrics } from './forward/index.ts';
import { rcodeName } from './wire/numbers.ts';

export function registerForwardMetrics(registry: Registry, read: () => ForwardMetrics): void {
  const registers = [registry];
  const upstreams = () => read().upstreams;
  new Counter({
    name: 'switchboard_dns_forward_responses_total',
    help: 'Answers of upstream servers by code',
    labelNames: ['to', 'rcode'],
    registers,
    collect() {
      this.reset();
      for (const { upstream: to, answers } of upstreams()) {
        for (const [rcode, count] of answers) this.inc({ to, rcode: rcodeName(rcode) }, count);
      }
    },
  });
  new Counter({
    name: 'switchboard_dns_forward_failures_total',
    help: 'No answer in time, none that could be read, or a message that answered something else',
    labelNames: ['to', 'reason'],
    registers,
    collect() {
      this.reset();
      for (const { upstream: to, timeouts, failures, dropped } of upstreams()) {
        this.inc({ to, reason: 'timeout' }, timeouts);
        this.inc({ to, reason: 'failed' }, failures);
        this.inc({ to, reason: 'dropped' }, dropped);
      }
    },
  });
  new FinishedHistogram({
    name: 'switchboard_dns_forward_duration_seconds',
    help: 'How long upstream servers took',
    bounds: DURATION_BUCKETS,
    registers,
    read: () => upstreams().map(({ upstream: to, durations: { buckets, sum } }) => ({ labels: { to }, buckets, sum })),
  });
  new Gauge({
    name: 'switchboard_dns_forward_up',
    help: '1: the upstream server is asked; 0: it does not answer, or asks this one in turn',
    labelNames: ['to'],
    registers,
    collect() {
      this.reset();
      for (const { upstream: to, state } of upstreams()) this.set({ to }, state === 'up' ? 1 : 0);
    },
  });
  new Counter({
    name: 'switchboard_dns_forward_cache_total',
    help: 'Questions to the cache of forwarded answers; stale: beyond their time, since nobody could be asked',
    labelNames: ['result'],
    registers,
    collect() {
      this.reset();
      const { cacheHits, cacheMisses, stale, joined, turnedAway } = read();
      const results = { hit: cacheHits, miss: cacheMisses, stale, joined, turned_away: turnedAway };
      for (const [result, count] of Object.entries(results)) this.inc({ result }, count);
    },
  });
  new Gauge({
    name: 'switchboard_dns_forward_cache_entries',
    help: 'Forwarded answers that are kept',
    registers,
    collect() {
      this.set(read().cacheEntries);
    },
  });
  new Gauge({
    name: 'switchboard_dns_forward_in_flight',
    help: 'Questions that wait for upstream servers',
    registers,
    collect() {
      this.set(read().inFlight);
    },
  });
}
