import { exclusionText, skippedPodText, whyUnready } from '../../../explain/words/index.ts';
import { hostPort } from '../../../net/index.ts';
import type { Route } from '../../../routing/index.ts';
import { columns } from '../../columns.ts';
import { portText, routeName, skippedPodData, sorted } from '../../views/routes.ts';

/** One row for every endpoint, and for every pod that is not an endpoint, with the reason. */
export function endpointTable(routes: Iterable<Route>, showHeaders: boolean): string {
  const rows: string[][] = [];
  for (const route of sorted(routes)) {
    const name = routeName(route);
    for (const e of route.endpoints) {
      const state = e.ready ? 'Ready' : e.terminating ? 'Terminating' : 'NotReady';
      const why = e.ready ? e.excludedInternal && exclusionText(e.excludedInternal) : whyUnready(route, e);
      rows.push([
        name,
        portText(route),
        hostPort(e.address, e.port),
        target(route, e.targetRef?.name),
        state,
        why ?? '',
      ]);
    }
    for (const skipped of route.skippedPods.filter(one => one.reason !== 'not-ready')) {
      const pod = skipped.pod.slice(route.namespace.length + 1);
      const { why, fix } = skippedPodText(skipped);
      rows.push([name, portText(route), '-', target(route, pod), 'Excluded', `${why}: ${fix}`]);
    }
  }
  return columns(['ROUTE', 'PORT', 'ENDPOINT', 'POD', 'STATE', 'REASON'], rows, showHeaders);
}

export function endpointData(routes: Iterable<Route>): Record<string, unknown>[] {
  return sorted(routes).flatMap(route => [
    ...route.endpoints.map(endpoint => ({ route: routeName(route), ...endpoint })),
    ...route.skippedPods.map(skipped => ({ route: routeName(route), leftOut: true, ...skippedPodData(skipped) })),
  ]);
}

function target(route: Route, pod: string | undefined): string {
  return pod === undefined ? (route.origin === 'slices' ? '(by slice)' : '-') : pod;
}
