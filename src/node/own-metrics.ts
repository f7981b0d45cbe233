import { Counter, Gauge, type Registry } from 'prom-client';
import type { Route } from '../routing/index.ts';
import type { Progress } from './progress.ts';

/** What kube-proxy has no name for. @returns the counter of repairs */
export function ownMetrics(registry: Registry, progress: Progress, routes: () => Iterable<Route>): Counter {
  const registers = [registry];
  new Gauge({
    name: 'switchboard_oldest_unprogrammed_change_seconds',
    help: 'Age of the oldest change that is not in the kernel yet; 0: none waits',
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
    help: 'Service ports that are to be in the kernel',
    registers,
    collect() {
      this.set([...routes()].filter(route => route.kind === 'proxied').length);
    },
  });
  new Gauge({
    name: 'switchboard_endpoints',
    help: 'Endpoints of those ports',
    registers,
    collect() {
      let endpoints = 0;
      for (const route of routes()) if (route.kind === 'proxied') endpoints += route.endpoints.length;
      this.set(endpoints);
    },
  });
  return new Counter({
    name: 'switchboard_repairs_total',
    help: 'Times that the rules were mended after somebody else had changed them',
    registers,
  });
}
