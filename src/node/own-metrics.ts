import { Counter, Gauge, type Registry } from 'prom-client';
import type { Route } from '../routing/index.ts';
import type { Progress } from './progress.ts';

/** Metrics that kube-proxy does not have. @returns the counter of repairs */
export function ownMetrics(registry: Registry, progress: Progress, routes: () => Iterable<Route>): Counter {
  const registers = [registry];
  new Gauge({
    name: 'switchboard_oldest_unprogrammed_change_seconds',
    help: 'Age of the oldest change that is not in the kernel yet; 0 if none is pending',
    registers,
    collect() {
      this.set(progress.oldestMs() / 1000);
    },
  });
  new Gauge({
    name: 'switchboard_pending_services',
    help: 'Services with changes that are not in the kernel yet',
    registers,
    collect() {
      this.set(progress.pending);
    },
  });
  new Gauge({
    name: 'switchboard_routes',
    help: 'Number of Service ports to program',
    registers,
    collect() {
      this.set([...routes()].filter(route => route.kind === 'proxied').length);
    },
  });
  new Gauge({
    name: 'switchboard_endpoints',
    help: 'Number of endpoints of those ports',
    registers,
    collect() {
      let endpoints = 0;
      for (const route of routes()) if (route.kind === 'proxied') endpoints += route.endpoints.length;
      this.set(endpoints);
    },
  });
  return new Counter({
    name: 'switchboard_repairs_total',
    help: 'Number of repairs after another program changed the rules',
    registers,
  });
}
