/** Clusters of a given size as routes: every Service with one cluster IP, one port and ten endpoints. */
import type { ProxiedRoute, RouteChange, RouteEndpoint } from '../../src/routing/index.ts';

/** What the API server gives addresses from, and both proxies take for the cluster's Services. */
export const SERVICE_CIDR = '10.96.0.0/12';
/** Sources in it are pods, which nobody masquerades. */
export const POD_CIDR = '10.128.0.0/9';
export const ENDPOINTS = 10;

/** Service addresses begin 256 further, since the API server has a Service of its own; 2^17 fit. */
export function serviceAddress(service: number): string {
  const n = service + 256;
  return `10.${96 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
}

/** Endpoints of a Service beside the real ones: addresses that nobody has. */
export function endpointAddress(service: number, endpoint: number): string {
  const n = service * 16 + endpoint;
  return `10.${128 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
}

export function endpointOf(address: string, port: number): RouteEndpoint {
  return { address, port, ready: true, serving: true, terminating: false, local: false };
}

export function routeOf(service: number, endpoints: readonly RouteEndpoint[]): ProxiedRoute {
  const delivery = { kind: 'endpoints', endpoints } as const;
  return {
    key: `bench/s${service}:http/TCP/IPv4`,
    service: `bench/s${service}`,
    namespace: 'bench',
    name: `s${service}`,
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
    kind: 'proxied',
    frontends: [{ kind: 'clusterIP', address: serviceAddress(service), port: 80 }],
    contested: [],
    internal: delivery,
    external: delivery,
    externalFromLocal: delivery,
    internalTrafficPolicy: 'Cluster',
    externalTrafficPolicy: 'Cluster',
    sourceRanges: [],
    uncaptured: [],
  };
}

/** All Services of a cluster; the first one's endpoints are given, so that it can be dialled. */
export function worldOf(services: number, perService: number, first: readonly RouteEndpoint[]): RouteChange[] {
  return Array.from({ length: services }, (_, service) => {
    const made = Array.from({ length: perService }, (_, i) => endpointOf(endpointAddress(service, i), 8080));
    return { type: 'set', route: routeOf(service, service === 0 && first.length > 0 ? first : made) };
  });
}
