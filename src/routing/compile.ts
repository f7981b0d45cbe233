import type { ServiceEndpoints } from '../endpoints/index.ts';
import {
  type EndpointSlice,
  keyOf,
  LABEL_PROXY_NAME,
  type LoadBalancerIngress,
  type Service,
  type ServicePort,
} from '../kube/index.ts';
import { canonicalAddress, familyOf, type IpFamily, type Protocol } from '../net/index.ts';
import { isForProxies, mergeEndpoints } from './merge.ts';
import type { Frontend, ProxiedRoute, Route, RouteKey } from './route.ts';
import { chooseEndpoints, type NodeContext } from './topology.ts';

/** The routes of one Service: one for each of its ports and IP families. */
export function compileService(service: Service, endpoints: ServiceEndpoints, node: NodeContext): Route[] {
  if (service.type === 'ExternalName') {
    const ports = service.ports.length > 0 ? service.ports : [PORTLESS];
    return ports.map(port => ({
      ...base(service, port, 'IPv4', endpoints),
      kind: 'externalName',
      externalName: service.externalName ?? '',
    }));
  }
  const ports = service.ports.length > 0 ? service.ports : service.headless ? [PORTLESS] : [];
  return service.ipFamilies.flatMap(family => ports.map(port => compilePort(service, port, family, endpoints, node)));
}

export function routeKey(service: string, portName: string, protocol: Protocol, family: IpFamily): RouteKey {
  return `${service}:${portName}/${protocol}/${family}`;
}

/** Stands in for the port of headless and ExternalName Services without ports, so that they have a route and are listed. */
const PORTLESS: ServicePort = { name: '', protocol: 'TCP', port: 0, targetPort: 0 };

function compilePort(
  service: Service,
  port: ServicePort,
  family: IpFamily,
  endpoints: ServiceEndpoints,
  node: NodeContext,
): Route {
  const common = base(service, port, family, endpoints);
  const proxyName = service.meta.labels[LABEL_PROXY_NAME];
  if (service.headless) {
    return { ...common, kind: 'headless', endpoints: headlessEndpoints(port, family, endpoints.slices, node) };
  }
  if (proxyName !== undefined) return { ...common, kind: 'otherProxy', proxyName };
  const candidates = mergeEndpoints(port, family, endpoints.slices.filter(isForProxies), node);
  const sets = chooseEndpoints(candidates, node, {
    internal: service.internalTrafficPolicy,
    external: service.externalTrafficPolicy,
  });
  const ingress = ingressOf(service, family);
  const route: ProxiedRoute = {
    ...common,
    kind: 'proxied',
    ...sets,
    frontends: frontends(service, port, family, ingress.captured),
    contested: [],
    internalTrafficPolicy: service.internalTrafficPolicy,
    externalTrafficPolicy: service.externalTrafficPolicy,
    sourceRanges: sourceRanges(service, family),
    uncaptured: ingress.uncaptured,
    ...(service.affinityTimeoutSeconds === undefined ? {} : { affinityTimeoutSeconds: service.affinityTimeoutSeconds }),
    ...(service.healthCheckNodePort === undefined ? {} : { healthCheckNodePort: service.healthCheckNodePort }),
  };
  return route;
}

function base(service: Service, port: ServicePort, family: IpFamily, endpoints: ServiceEndpoints) {
  const key = keyOf(service.meta);
  return {
    key: routeKey(key, port.name, port.protocol, family),
    service: key,
    namespace: service.meta.namespace,
    name: service.meta.name,
    type: service.type,
    portName: port.name,
    protocol: port.protocol,
    family,
    port: port.port,
    targetPort: port.targetPort,
    ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
    endpoints: [],
    skippedPods: endpoints.skippedPods.filter(
      skipped =>
        (skipped.portName === undefined || skipped.portName === port.name) &&
        // A pod without an address of another family is missing from the routes of that family only.
        (skipped.reason !== 'no-address-of-family' || skipped.family === family),
    ),
    origin: endpoints.origin,
    ...(service.selector === undefined ? {} : { selector: service.selector }),
    selected: endpoints.selected,
  };
}

/** Headless: DNS returns the addresses of the endpoints, so all slices count, including those with the headless label. */
function headlessEndpoints(port: ServicePort, family: IpFamily, slices: readonly EndpointSlice[], node: NodeContext) {
  const portless = port === PORTLESS;
  // A slice of a Service without ports has an empty port list; a stand-in port lets `mergeEndpoints` merge its addresses.
  const readable = portless ? slices.map(slice => ({ ...slice, ports: [{ ...PORTLESS, port: 1 }] })) : slices;
  const merged = mergeEndpoints(port, family, readable, node);
  const candidates = portless ? merged.map(candidate => ({ ...candidate, port: 0 })) : merged;
  return chooseEndpoints(candidates, node, { internal: 'Cluster', external: 'Cluster' }).endpoints;
}

function frontends(service: Service, port: ServicePort, family: IpFamily, captured: readonly string[]): Frontend[] {
  const list: Frontend[] = [];
  const ofFamily = service.clusterIPs.filter(address => familyOf(address) === family);
  if (service.clusterIPs.length === 0) list.push({ kind: 'clusterIP', address: undefined, port: port.port });
  for (const address of ofFamily) list.push({ kind: 'clusterIP', address, port: port.port });
  for (const address of service.externalIPs) {
    if (familyOf(address) === family) list.push({ kind: 'externalIP', address, port: port.port });
  }
  if (service.type === 'LoadBalancer') {
    for (const address of captured) list.push({ kind: 'loadBalancer', address, port: port.port });
    if (service.loadBalancerIngress.length === 0) {
      list.push({ kind: 'loadBalancer', address: undefined, port: port.port });
    }
  }
  if (service.type === 'NodePort' || port.nodePort !== undefined) list.push({ kind: 'nodePort', port: port.nodePort });
  return list;
}

/** Load-balancer IPs are captured unless their ipMode is Proxy (KEP-1860); hostnames never are. */
function ingressOf(service: Service, family: IpFamily) {
  const captured: string[] = [];
  const uncaptured: LoadBalancerIngress[] = [];
  if (service.type !== 'LoadBalancer') return { captured, uncaptured };
  for (const ingress of service.loadBalancerIngress) {
    const address = ingress.ip === undefined ? undefined : canonicalAddress(ingress.ip);
    if (address === undefined || ingress.ipMode === 'Proxy') uncaptured.push(ingress);
    else if (familyOf(address) === family) captured.push(address);
  }
  return { captured, uncaptured };
}

/** A range that contains everything is no restriction; without ranges of this family, the family is open, as upstream. */
function sourceRanges(service: Service, family: IpFamily) {
  const ranges = service.loadBalancerSourceRanges.filter(range => range.family === family);
  return ranges.some(range => range.prefix === 0) ? [] : ranges;
}
