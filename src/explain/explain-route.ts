import { selectorText } from '../kube/selector.ts';
import { type Route, routeState } from '../routing/index.ts';
import type { ObjectStore } from '../world/index.ts';
import type { Confidence, Explanation, Fix, Hop, Verdict } from './explanation.ts';
import { clientHop, endpointsHop, isAssumed, selectorHop, serviceHop, targetPortHop, type World } from './hops.ts';
import { nearMiss } from './near-miss.ts';
import { skippedPodText, stateReason } from './words/index.ts';

/** Names and numbers fit; more than that, files do not tell. */
const WOULD_REACH: Judgement = {
  verdict: 'unknown',
  confidence: 'certain',
  cause: 'from files alone: names and numbers fit; whether the pods run and get ready, a cluster or "up --run" tells',
};

interface Judgement {
  readonly verdict: Verdict;
  readonly confidence: Confidence;
  readonly cause?: string;
  readonly fix?: Fix;
}

/**
 * Tells the way of a connection through one route. It reads the route and its reasons, and decides nothing itself;
 * what files cannot tell is `unknown`. The story ends at the first broken hop.
 */
export function explainRoute(route: Route, target: string, world: World): Explanation {
  const all =
    route.kind === 'externalName' || route.kind === 'otherProxy'
      ? [clientHop(route, world), serviceHop(route)]
      : [
          clientHop(route, world),
          serviceHop(route),
          selectorHop(route),
          targetPortHop(route),
          endpointsHop(route, world),
        ];
  return { target, hops: untilBroken(all), ...judge(route, world) };
}

function untilBroken(hops: readonly Hop[]): Hop[] {
  const broken = hops.findIndex(hop => hop.state === 'broken');
  return broken === -1 ? [...hops] : hops.slice(0, broken + 1);
}

function judge(route: Route, world: World): Judgement {
  const { store } = world;
  if (route.kind === 'externalName') {
    const cause = `the Service is a DNS alias of ${route.externalName}: clients dial that host, on the port of their own choice`;
    return { verdict: 'unknown', confidence: 'certain', cause };
  }
  if (route.kind === 'otherProxy') {
    return {
      verdict: 'unknown',
      confidence: 'certain',
      cause: `the Service is left to the proxy "${route.proxyName}"`,
    };
  }
  const { ready, total, state } = routeState(route);
  const reason = stateReason(route);
  if (route.origin === 'none') return withoutEndpointsByHand(route);
  if (route.origin === 'selector' && route.selected === 0) return selectsNothing(route, store);
  if (ready > 0) {
    if (state === 'LocalOnly') return { verdict: 'partly', confidence: 'certain', cause: reason };
    if (route.kind === 'headless' && route.targetPort !== route.port) return headlessTranslation(route);
    if (ready === total && route.endpoints.every(endpoint => isAssumed(endpoint, world))) return WOULD_REACH;
    if (ready === total) return { verdict: 'reaches', confidence: 'likely' };
    return { verdict: 'partly', confidence: 'certain', cause: reason, ...fixOf(route, store) };
  }
  const served = route.endpoints.some(endpoint => endpoint.serving && endpoint.terminating);
  if (served)
    return { verdict: 'partly', confidence: 'certain', cause: `only terminating endpoints are left: ${reason}` };
  return { verdict: 'does not reach', confidence: 'certain', cause: reason, ...fixOf(route, store) };
}

/** The fix of the first thing that keeps a pod out, with a patch where one value decides. */
function fixOf(route: Route, store: ObjectStore): { fix?: Fix } {
  const skipped = route.skippedPods.find(one => one.reason !== 'finished' && one.reason !== 'no-address');
  if (skipped === undefined) return {};
  const { fix: text, targetPort } = skippedPodText(skipped);
  if (targetPort === undefined) return { fix: { text } };
  const index = portIndex(route, store);
  return {
    fix: {
      text,
      object: `Service ${route.service}`,
      field: `spec.ports[${index}].targetPort`,
      patch: [{ op: 'replace', path: `/spec/ports/${index}/targetPort`, value: targetPort }],
    },
  };
}

function portIndex(route: Route, store: ObjectStore): number {
  const service = store.service(route.service);
  const index =
    service?.ports.findIndex(port => port.name === route.portName && port.protocol === route.protocol) ?? -1;
  return Math.max(0, index);
}

function withoutEndpointsByHand(route: Route): Judgement {
  return {
    verdict: 'does not reach',
    confidence: 'likely',
    cause: 'the Service has no selector, and no EndpointSlice among the inputs names it',
    fix: {
      text: `add an EndpointSlice with the label kubernetes.io/service-name: ${route.name} and a port named "${route.portName}", or give the Service a selector`,
      object: `Service ${route.service}`,
      field: 'spec.selector',
    },
  };
}

function selectsNothing(route: Route, store: ObjectStore): Judgement {
  const selector = route.selector ?? {};
  if (Object.keys(selector).length === 0) return withoutEndpointsByHand(route);
  const miss = nearMiss(selector, route.namespace, store);
  const cause = `no pod among the inputs has ${selectorText(selector)}${miss === undefined ? '' : `; ${miss.text}`}`;
  const object = `Service ${route.service}`;
  if (miss?.fix !== undefined)
    return { verdict: 'does not reach', confidence: 'certain', cause, fix: { text: miss.fix } };
  if (miss?.key === undefined || miss.value === undefined) {
    const text = 'give the pods these labels, or select those that they have';
    return { verdict: 'does not reach', confidence: 'likely', cause, fix: { text, object, field: 'spec.selector' } };
  }
  const path = `/spec/selector/${miss.key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return {
    verdict: 'does not reach',
    confidence: 'likely',
    cause,
    fix: {
      text: `set spec.selector.${miss.key} to ${miss.value}, or the label of the pods to ${selector[miss.key]}`,
      object,
      field: `spec.selector.${miss.key}`,
      patch: [{ op: 'replace', path, value: miss.value }],
    },
  };
}

/** DNS gives the pods' addresses and nobody translates: a client that dials the Service's port misses. */
function headlessTranslation(route: Route): Judgement {
  const numbers = [...new Set(route.endpoints.map(endpoint => endpoint.port))].join(', ');
  return {
    verdict: 'partly',
    confidence: 'certain',
    cause: `the Service is headless, so nothing carries port ${route.port} to ${numbers}: clients must dial ${numbers} themselves`,
    fix: {
      text: `set port to ${numbers}, or give the Service a cluster IP (remove clusterIP: None)`,
      object: `Service ${route.service}`,
      field: 'spec.ports[].port',
    },
  };
}
