/** Clusters of a given size as routes: every Service with one cluster IP, one port and ten endpoints. */
import type { ProxiedRoute, RouteChange, RouteEndpoint } from '../../src/routing/index.ts';
import { endpointOf, routeOf } from '../../testing/route-of.ts';

/** The range from which the API server allocates cluster IPs, for both proxies. */
export const SERVICE_CIDR = '10.96.0.0/12';
/** Sources in it are pods, which are not masqueraded. */
export const POD_CIDR = '10.128.0.0/9';
export const ENDPOINTS = 10;

/** Service addresses begin 256 later, since the API server has a Service of its own; 2^17 fit. */
export function serviceAddress(service: number): string {
  const n = service + 256;
  return `10.${96 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
}

/** Endpoints of a Service besides the real ones: addresses without a host. */
export function endpointAddress(service: number, endpoint: number): string {
  const n = service * 16 + endpoint;
  return `10.${128 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
}

/** A Service of the cluster as a route. */
export function benchRoute(service: number, endpoints: readonly RouteEndpoint[]): ProxiedRoute {
  const frontends = [{ kind: 'clusterIP', address: serviceAddress(service), port: 80 }] as const;
  return routeOf({ service: `bench/s${service}`, endpoints, frontends });
}

/** All Services of a cluster; the first one's endpoints are given, so that it can be dialled. */
export function worldOf(services: number, perService: number, first: readonly RouteEndpoint[]): RouteChange[] {
  return Array.from({ length: services }, (_, service) => {
    const made = Array.from({ length: perService }, (_, i) => endpointOf(endpointAddress(service, i)));
    return { type: 'set', route: benchRoute(service, service === 0 && first.length > 0 ? first : made) };
  });
}
