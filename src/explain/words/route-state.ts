import { selectorText } from '../../kube/index.ts';
import { hostPort } from '../../net/index.ts';
import {
  couldBeEndpoint,
  type ExclusionReason,
  type Frontend,
  type Route,
  type RouteEndpoint,
  routeState,
} from '../../routing/index.ts';
import { skippedPodText } from './skipped-pod.ts';

/** Why a route is in its state; `''` if there is nothing to explain. */
export function stateReason(route: Route): string {
  const { state, ready, total } = routeState(route);
  switch (route.kind) {
    case 'externalName':
      return `DNS alias of ${route.externalName}; ports have no effect`;
    case 'otherProxy':
      return `handled by the proxy "${route.proxyName}"`;
    case 'headless':
      return headlessReason(route, ready, total);
    case 'proxied': {
      const lost = route.contested.map(c => `${frontendText(c.frontend)} is held by ${c.winner}`);
      if (state === 'LocalOnly') {
        const which = route.internal.kind === 'drop' ? 'internalTrafficPolicy' : 'externalTrafficPolicy';
        return `${which}: Local, but no endpoint is on this node`;
      }
      if (state === 'NoEndpoints') return [whyNone(route), ...lost].join('; ');
      return [...(ready < total ? whyNotAll(route) : []), ...lost].join('; ');
    }
  }
}

/** The name of an endpoint for users: its pod's name if there is one, else its address. */
export function endpointName(endpoint: RouteEndpoint): string {
  return endpoint.targetRef?.name ?? hostPort(endpoint.address, endpoint.port);
}

export function exclusionText(reason: ExclusionReason): string {
  switch (reason) {
    case 'not-ready':
      return 'not ready';
    case 'terminating':
      return 'terminating';
    case 'other-node':
      return 'on another node';
    case 'other-zone':
      return "hinted for another node's zone";
    case 'other-node-hint':
      return 'hinted for another node';
  }
}

function headlessReason(route: Route, ready: number, total: number): string {
  const addresses = route.endpoints
    .filter(e => e.ready)
    .map(e => (e.port === 0 ? e.address : hostPort(e.address, e.port)));
  if (ready > 0) {
    const partly = ready < total ? `; ${whyNotAll(route).join('; ')}` : '';
    return `clients dial the pods themselves: ${listed(addresses)}${partly}`;
  }
  return whyNone(route);
}

function whyNone(route: Route): string {
  if (route.origin === 'none') return 'no selector, and no EndpointSlice or Endpoints belongs to it';
  if (route.origin === 'selector' && route.selected === 0) {
    return `no pod has ${selectorText(route.selector ?? {})}`;
  }
  const reasons = whyNotAll(route);
  if (reasons.length > 0) return reasons.join('; ');
  return route.origin === 'slices' ? noSlicePort(route) : 'no endpoint';
}

/** Slices match a Service port by name; a wrong name is the most common mistake in manually written slices. */
function noSlicePort(route: Route): string {
  const name = route.portName === '' ? 'without a name' : `called "${route.portName}"`;
  return `its EndpointSlices have no endpoint on a port ${name} (${route.protocol}); ports match by name, not by number`;
}

function whyNotAll(route: Route): string[] {
  const groups = new Map<string, string[]>();
  const add = (why: string, pod: string) => groups.set(why, [...(groups.get(why) ?? []), pod]);
  for (const skipped of route.skippedPods) {
    if (couldBeEndpoint(skipped)) add(skippedPodText(skipped).why, shortName(skipped.pod, route.namespace));
  }
  for (const endpoint of route.endpoints) {
    if (!endpoint.ready) add(whyUnready(route, endpoint), endpointName(endpoint));
  }
  return [...groups].map(([why, pods]) => `${listed(pods)}: ${why}`);
}

/** Why an endpoint is not ready, with the message of its pod's Ready condition if there is one. */
export function whyUnready(route: Route, endpoint: RouteEndpoint): string {
  if (endpoint.terminating) return 'terminating';
  const ref = endpoint.targetRef;
  const pod = ref && `${ref.namespace}/${ref.name}`;
  const skipped = route.skippedPods.find(one => one.reason === 'not-ready' && one.pod === pod);
  return skipped === undefined ? 'not ready' : skippedPodText(skipped).why;
}

function listed(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;
}

function shortName(pod: string, namespace: string): string {
  return pod.startsWith(`${namespace}/`) ? pod.slice(namespace.length + 1) : pod;
}

export function frontendText(frontend: Frontend): string {
  if (frontend.kind === 'nodePort') return frontend.port === undefined ? 'nodePort' : `nodePort ${frontend.port}`;
  const kind = { clusterIP: 'clusterIP', externalIP: 'externalIP', loadBalancer: 'load-balancer IP' }[frontend.kind];
  return frontend.address === undefined ? kind : `${kind} ${hostPort(frontend.address, frontend.port)}`;
}
