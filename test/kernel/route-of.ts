/** Routes for unit tests of the plane: one endpoint on another node, with overrides. */
import type { ProxiedRoute, RouteEndpoint } from '../../src/routing/index.ts';

export function endpointOf(address: string, more: Partial<RouteEndpoint> = {}): RouteEndpoint {
  return { address, port: 8080, ready: true, serving: true, terminating: false, local: false, ...more };
}

/** A route that sends every kind of traffic to all of its ready endpoints. */
export function routeOf(more: Partial<ProxiedRoute> = {}): ProxiedRoute {
  const endpoints = more.endpoints ?? [endpointOf('10.0.0.1')];
  const ready = endpoints.filter(endpoint => endpoint.ready);
  const delivery =
    ready.length === 0 ? ({ kind: 'reject' } as const) : ({ kind: 'endpoints', endpoints: ready } as const);
  const service = more.service ?? 'default/web';
  const [namespace = '', name = ''] = service.split('/');
  return {
    kind: 'proxied',
    key: `${service}:http/${more.protocol ?? 'TCP'}/${more.family ?? 'IPv4'}`,
    service,
    namespace,
    name,
    type: 'ClusterIP',
    portName: 'http',
    protocol: 'TCP',
    family: 'IPv4',
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
