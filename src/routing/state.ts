import type { SkippedPod } from '../endpoints/index.ts';
import type { Route } from './route.ts';

/** The state of a route, as a code. `stateReason` in `explain/words` explains it in words. */
export interface RouteState {
  readonly state: 'Ready' | 'Partial' | 'NoEndpoints' | 'LocalOnly' | 'Headless' | 'ExternalName' | 'Unmanaged';
  readonly ready: number;
  /** The number of endpoints, and of skipped pods that could be endpoints. */
  readonly total: number;
}

export function routeState(route: Route): RouteState {
  const ready = route.endpoints.filter(endpoint => endpoint.ready).length;
  const missing = new Set(route.skippedPods.filter(couldBeEndpoint).map(skipped => skipped.pod)).size;
  const total = route.endpoints.length + missing;
  return { state: stateOf(route, ready, total), ready, total };
}

function stateOf(route: Route, ready: number, total: number): RouteState['state'] {
  switch (route.kind) {
    case 'externalName':
      return 'ExternalName';
    case 'otherProxy':
      return 'Unmanaged';
    case 'headless':
      return 'Headless';
    case 'proxied':
      if (route.internal.kind === 'drop' || route.external.kind === 'drop') return 'LocalOnly';
      if (route.internal.kind === 'reject') return 'NoEndpoints';
      return ready < total ? 'Partial' : 'Ready';
  }
}

/** Whether a skipped pod could be an endpoint: not a finished pod, and not an unready one, which is an endpoint already. */
export function couldBeEndpoint(skipped: SkippedPod): boolean {
  return skipped.reason !== 'finished' && skipped.reason !== 'not-ready';
}
