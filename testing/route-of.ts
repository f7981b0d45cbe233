/** Routes for tests and benchmarks of the planes: one endpoint on another node, with overrides. */
import type { Delivery, ProxiedRoute, RouteEndpoint } from '../src/routing/index.ts';

export function endpointOf(address: string, more: Partial<RouteEndpoint> = {}): RouteEndpoint {
  return { address, port: 8080, ready: true, serving: true, terminating: false, local: false, ...more };
}

/** A route that sends every kind of traffic to all of its ready endpoints. */
export function routeOf(more: Partial<ProxiedRoute> = {}): ProxiedRoute {
  const endpoints = more.endpoints ?? [endpointOf('10.0.0.1')];
  const delivery = deliveryTo(endpoints);
  const { service = 'default/web', portName = 'http', protocol = 'TCP', family = 'IPv4' } = more;
  const [namespace = '', name = ''] = service.split('/');
  return {
    kind: 'proxied',
    key: `${service}:${portName}/${protocol}/${family}`,
    service,
    namespace,
    name,
    type: 'ClusterIP',
    portName,
    protocol,
    family,
    port: 80,
    targetPort: 8080,
    endpoints,
    skippedPods: [],
    origin: 'slices',
    selected: 0,
    frontends: [{ kind: 'clusterIP', address: '10.96.0.10', port: 80 }],
    contested: [],
    internal: delivery,
    external: delivery,
    externalFromLocal: delivery,
    internalTrafficPolicy: 'Cluster',
    externalTrafficPolicy: 'Cluster',
    sourceRanges: [],
    uncaptured: [],
    ...more,
  };
}

function deliveryTo(endpoints: readonly RouteEndpoint[]): Delivery {
  // A benchmark has many routes, so the list is not copied if all are ready.
  const ready = endpoints.every(endpoint => endpoint.ready) ? endpoints : endpoints.filter(endpoint => endpoint.ready);
  return ready.length === 0 ? { kind: 'reject' } : { kind: 'endpoints', endpoints: ready };
}
