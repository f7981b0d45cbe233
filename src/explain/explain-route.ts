import { selectorText } from '../kube/index.ts';
import { type Route, routeState } from '../routing/index.ts';
import type { ObjectStore } from '../world/index.ts';
import type { Confidence, Explanation, Fix, Hop, Verdict } from './explanation.ts';
import {
  clientHop,
  type ExplainInput,
  endpointsHop,
  failedListeners,
  isAssumed,
  selectorHop,
  serviceHop,
  targetPortHop,
} from './hops.ts';
import { nearMiss } from './near-miss.ts';
import { skippedPodText, stateReason } from './words/index.ts';

/** The best verdict from files alone: all names and numbers match. */
const WOULD_REACH: Judgement = {
  verdict: 'unknown',
  confidence: 'certain',
  cause: 'all names and numbers match; to see whether the pods become ready, use "up --run" or a cluster',
};

interface Judgement {
  readonly verdict: Verdict;
  readonly confidence: Confidence;
  readonly cause?: string;
  readonly fix?: Fix;
}

/**
 * Explains how a connection passes through one route. Only reads the route and its reasons, and decides nothing itself.
 * What files cannot show is `unknown`. The hops end at the first broken one.
 */
export function explainRoute(route: Route, target: string, input: ExplainInput): Explanation {
  const all =
    route.kind === 'externalName' || route.kind === 'otherProxy'
      ? [clientHop(route, input), serviceHop(route)]
      : [
          clientHop(route, input),
          serviceHop(route),
          selectorHop(route),
          targetPortHop(route),
          endpointsHop(route, input),
        ];
  return { target, hops: untilBroken(all), ...judge(route, input) };
}

function untilBroken(hops: readonly Hop[]): Hop[] {
  const broken = hops.findIndex(hop => hop.state === 'broken');
  return broken === -1 ? [...hops] : hops.slice(0, broken + 1);
}

function judge(route: Route, input: ExplainInput): Judgement {
  const { store } = input;
  if (route.kind === 'externalName') {
    const cause = `the Service is a DNS alias of ${route.externalName}: clients dial that host, on any port that they choose`;
    return { verdict: 'unknown', confidence: 'certain', cause };
  }
  if (route.kind === 'otherProxy') {
    return {
      verdict: 'unknown',
      confidence: 'certain',
      cause: `another proxy handles the Service: "${route.proxyName}"`,
    };
  }
  const failed = failedListeners(route, input);
  if (failed?.all) return { verdict: 'does not reach', confidence: 'certain', cause: failed.why };
  const { ready, total, state } = routeState(route);
  const reason = stateReason(route);
  if (route.origin === 'none') return withoutManualEndpoints(route);
  if (route.origin === 'selector' && route.selected === 0) return selectsNothing(route, store);
  if (ready > 0) {
    if (failed !== undefined) return { verdict: 'partly', confidence: 'certain', cause: failed.why };
    if (state === 'LocalOnly') return { verdict: 'partly', confidence: 'certain', cause: reason };
    if (route.kind === 'headless' && route.targetPort !== route.port) return headlessTranslation(route);
    if (ready === total && route.endpoints.every(endpoint => isAssumed(endpoint, input))) return WOULD_REACH;
    if (ready === total) return { verdict: 'reaches', confidence: 'likely' };
    return { verdict: 'partly', confidence: 'certain', cause: reason, ...fixOf(route, store) };
  }
  const served = route.endpoints.some(endpoint => endpoint.serving && endpoint.terminating);
  if (served)
    return { verdict: 'partly', confidence: 'certain', cause: `the only endpoints are terminating: ${reason}` };
  return { verdict: 'does not reach', confidence: 'certain', cause: reason, ...fixOf(route, store) };
}

/** Returns the fix for the first skipped pod, with a patch if one value decides. */
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

function withoutManualEndpoints(route: Route): Judgement {
  return {
    verdict: 'does not reach',
    confidence: 'likely',
    cause: 'the Service has no selector, and no EndpointSlice in the input belongs to it',
    fix: {
      text: `add an EndpointSlice with the label kubernetes.io/service-name: ${route.name} and a port named "${route.portName}", or give the Service a selector`,
      object: `Service ${route.service}`,
      field: 'spec.selector',
    },
  };
}

function selectsNothing(route: Route, store: ObjectStore): Judgement {
  const selector = route.selector ?? {};
  if (Object.keys(selector).length === 0) return withoutManualEndpoints(route);
  const miss = nearMiss(selector, route.namespace, store);
  const cause = `no pod in the input has ${selectorText(selector)}${miss === undefined ? '' : `; ${miss.text}`}`;
  const object = `Service ${route.service}`;
  if (miss?.fix !== undefined)
    return { verdict: 'does not reach', confidence: 'certain', cause, fix: { text: miss.fix } };
  if (miss?.key === undefined || miss.value === undefined) {
    const text = 'add these labels to the pods, or select the labels that they have';
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

/** DNS returns the pods' addresses and nothing translates ports, so clients that dial the Service's port fail. */
function headlessTranslation(route: Route): Judgement {
  const numbers = [...new Set(route.endpoints.map(endpoint => endpoint.port))].join(', ');
  return {
    verdict: 'partly',
    confidence: 'certain',
    cause: `the Service is headless, so nothing translates port ${route.port} to ${numbers}: clients must dial ${numbers}`,
    fix: {
      text: `set port to ${numbers}, or give the Service a cluster IP (remove clusterIP: None)`,
      object: `Service ${route.service}`,
      field: 'spec.ports[].port',
    },
  };
}
