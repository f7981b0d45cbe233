import { declaringContainer, type SkippedPod } from '../endpoints/index.ts';
import { selectorText } from '../kube/index.ts';
import { hostPort } from '../net/index.ts';
import type { Frontend, Route, RouteEndpoint } from '../routing/index.ts';
import type { ObjectStore } from '../world/index.ts';
import type { Hop } from './explanation.ts';
import { exclusionText, skippedPodText, whyUnready } from './words/index.ts';

const MAX_SHOWN = 10;

export function clientHop(route: Route, input: ExplainInput): Hop {
  if (route.kind === 'headless') {
    const text = 'resolves the pods in DNS and dials one of them; the Service has no address';
    return { hop: 'client', state: 'ok', text, details: [] };
  }
  if (route.kind !== 'proxied')
    return { hop: 'client', state: 'ok', text: `resolves ${route.name} in DNS`, details: [] };
  const listeners = input.listening?.(route);
  const details = listeners
    ? listeners.map(({ address, port, failed }) => failed ?? `${hostPort(address, port)} on this machine`)
    : route.frontends.map(frontendLine);
  for (const { frontend, winner } of route.contested)
    details.push(`${frontendLine(frontend)}: Service ${winner} has it`);
  const failed = failedListeners(route, input);
  return {
    hop: 'client',
    state: failed === undefined ? 'ok' : failed.all ? 'broken' : 'warning',
    text: `dials the Service's port ${route.port}`,
    details: details.slice(0, MAX_SHOWN),
  };
}

/** The listeners of a running `up` that failed: why, and whether all did. undefined: none failed. */
export function failedListeners(route: Route, input: ExplainInput): { all: boolean; why: string } | undefined {
  const listeners = input.listening?.(route) ?? [];
  const failed = listeners.filter(listener => listener.failed !== undefined);
  if (failed.length === 0) return undefined;
  const reasons = new Set(
    failed.map(({ address, port, failed: why }) => {
      const place = address === '' || port === 0 ? '' : ` on ${hostPort(address, port)}`;
      return `the running up does not listen${place}: ${why}`;
    }),
  );
  return { all: failed.length === listeners.length, why: [...reasons].join('; ') };
}

function frontendLine(frontend: Frontend): string {
  switch (frontend.kind) {
    case 'nodePort':
      return frontend.port === undefined
        ? 'nodePort: not allocated yet'
        : `nodePort ${frontend.port} on the nodes' addresses`;
    case 'clusterIP':
      return frontend.address === undefined
        ? `port ${frontend.port} on a cluster IP that a cluster would allocate`
        : `port ${frontend.port} on the cluster IP ${frontend.address}`;
    case 'externalIP':
      return `port ${frontend.port} on the external IP ${frontend.address}`;
    case 'loadBalancer':
      return frontend.address === undefined
        ? `port ${frontend.port} on the load balancer, which has no address yet`
        : `port ${frontend.port} on the load balancer's address ${frontend.address}`;
  }
}

export function serviceHop(route: Route): Hop {
  const name = route.portName === '' ? 'without a name' : `"${route.portName}"`;
  const text = route.port === 0 ? 'has no port' : `port ${route.port}/${route.protocol}, ${name}`;
  return { hop: 'service', state: 'ok', text, details: [] };
}

export function targetPortHop(route: Route): Hop {
  const numbers = [...new Set(route.endpoints.map(endpoint => endpoint.port))].sort((a, b) => a - b);
  const missing = route.skippedPods.filter(skipped => skipped.reason === 'port-name-missing');
  const details = missing.slice(0, MAX_SHOWN).map(skippedLine);
  if (typeof route.targetPort === 'number') {
    const manual = route.origin === 'slices' || route.origin === 'endpoints';
    const other = numbers.length > 0 && !numbers.includes(route.targetPort);
    const note = manual && other ? `; not used, since the slices have ${numbers.join(', ')}` : '';
    return {
      hop: 'targetPort',
      state: 'ok',
      text: `${route.targetPort}, a number: the same in every pod${note}`,
      details,
    };
  }
  const found = numbers.length === 0 ? '' : ` -> ${numbers.join(', ')}`;
  const state = missing.length === 0 ? 'ok' : numbers.length === 0 ? 'broken' : 'warning';
  const text = `"${route.targetPort}", a name: looked up in each pod with its protocol${found}`;
  return { hop: 'targetPort', state, text, details };
}

function skippedLine(skipped: SkippedPod): string {
  return `${skipped.pod}: ${skippedPodText(skipped).why}`;
}

export function selectorHop(route: Route): Hop {
  switch (route.origin) {
    case 'none':
      return {
        hop: 'selector',
        state: 'broken',
        text: 'none, and no EndpointSlice or Endpoints belongs to the Service',
        details: [],
      };
    case 'slices':
      return {
        hop: 'selector',
        state: 'ok',
        text: 'not used: EndpointSlices in the input list the endpoints',
        details: [],
      };
    case 'endpoints':
      return { hop: 'selector', state: 'ok', text: 'not used: an Endpoints object lists the endpoints', details: [] };
    case 'selector': {
      const pods = `${route.selected} pod${route.selected === 1 ? '' : 's'}`;
      const state = route.selected === 0 ? 'broken' : 'ok';
      return { hop: 'selector', state, text: `${selectorText(route.selector ?? {})}: matches ${pods}`, details: [] };
    }
  }
}

/** The input of an explanation beside the route. */
export interface ExplainInput {
  readonly store: ObjectStore;
  /** Keys of pods that workloads would create: they are assumed to run, so that names and numbers can be looked up. */
  readonly assumed: ReadonlySet<string>;
  /** The listeners of a running `up` for a route. */
  readonly listening?: (route: Route) => readonly RouteListener[];
}

export interface RouteListener {
  readonly frontend: Frontend;
  readonly address: string;
  readonly port: number;
  /** Why it does not listen. */
  readonly failed?: string;
}

export function isAssumed(endpoint: RouteEndpoint, input: ExplainInput): boolean {
  const ref = endpoint.targetRef;
  return ref !== undefined && input.assumed.has(`${ref.namespace}/${ref.name}`);
}

export function endpointsHop(route: Route, input: ExplainInput): Hop {
  const ready = route.endpoints.filter(endpoint => endpoint.ready);
  const missing = route.skippedPods.filter(o => o.reason !== 'not-ready' && o.reason !== 'port-name-missing');
  const details = [
    ...route.endpoints.map(endpoint => endpointLine(route, endpoint, input)),
    ...missing.map(skippedLine),
  ];
  const shown = details.slice(0, MAX_SHOWN);
  if (details.length > shown.length) shown.push(`and ${details.length - shown.length} more`);
  const total = route.endpoints.length + missing.length;
  const assumed = ready.length > 0 && ready.every(endpoint => isAssumed(endpoint, input));
  const all = ready.length === total && ready.length > 0;
  const state = assumed ? 'unknown' : all ? 'ok' : ready.length > 0 ? 'warning' : 'broken';
  const text = assumed
    ? `${ready.length} to be created; only running them shows whether they become ready`
    : `${ready.length} of ${total} ready`;
  return { hop: 'endpoints', state, text, details: shown };
}

function endpointLine(route: Route, endpoint: RouteEndpoint, input: ExplainInput): string {
  const ref = endpoint.targetRef;
  const pod = ref && input.store.pod(`${ref.namespace}/${ref.name}`);
  const declared = pod && declaringContainer(pod, endpoint.port, route.protocol);
  const where = declared
    ? ` (pod ${ref?.name}, container ${declared.container}${declared.portName === '' ? '' : `, port "${declared.portName}"`})`
    : ref === undefined
      ? ''
      : ` (pod ${ref.name}; no container declares this port, which is legal)`;
  if (isAssumed(endpoint, input)) return `port ${endpoint.port}${where}`;
  const excluded = endpoint.ready && endpoint.excludedInternal ? `, ${exclusionText(endpoint.excludedInternal)}` : '';
  const state = endpoint.ready ? 'ready' : whyUnready(route, endpoint);
  return `${hostPort(endpoint.address, endpoint.port)} ${state}${excluded}${where}`;
}
