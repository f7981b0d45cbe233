import { SwitchboardError } from '../../../errors.ts';
import { parseTarget } from '../../../explain/index.ts';
import { stateReason } from '../../../explain/words/index.ts';
import { PROCESSES, runtimeOf } from '../../../pods/index.ts';
import type { Route, RouteTable } from '../../../routing/index.ts';

/** A Service, and one of its ports or all of them. */
export interface Need {
  readonly namespace: string;
  readonly name: string;
  readonly port?: string;
}

/** Reads `web`, `web.shop:http`, `svc/shop/web:80`. @throws SWB_USAGE */
export function parseNeed(text: string, namespace: string): Need {
  const target = parseTarget(text);
  if (target.kind !== 'service')
    throw new SwitchboardError('SWB_USAGE', `--need ${text}: not a Service; write a name such as web or web.shop:http`);
  const { name, port } = target;
  return { namespace: target.namespace ?? namespace, name, ...(port === undefined ? {} : { port }) };
}

/**
 * The routes to wait for: those that --need names, or else all that may become ready. A Service whose pods run elsewhere
 * never becomes ready.
 *
 * @throws SWB_NOT_FOUND if --need names a Service without a route
 */
export function neededRoutes(table: RouteTable, needs: readonly Need[]): readonly Route[] {
  const routes = [...table.routes()];
  if (needs.length === 0) return routes.filter(route => mayBecomeReady(route, table));
  return needs.flatMap(need => {
    const found = routes.filter(route => matchesNeed(route, need));
    if (found.length > 0) return found;
    const port = need.port === undefined ? '' : `, port ${need.port}`;
    throw new SwitchboardError('SWB_NOT_FOUND', `--need: there is no Service ${need.namespace}/${need.name}${port}`);
  });
}

/** The routes that have no ready endpoint now. */
export function notReady(table: RouteTable, routes: readonly Route[]): readonly Route[] {
  const now = new Map([...table.routes()].map(route => [route.key, route]));
  return routes
    .map(route => now.get(route.key))
    .filter(route => route !== undefined)
    .filter(route => route.kind !== 'externalName' && !route.endpoints.some(endpoint => endpoint.ready));
}

/** One line for each route: `shop/web:http: ...`. */
export function whyNotReady(routes: readonly Route[]): string {
  return routes
    .map(route => {
      const reason = stateReason(route);
      return `\n  ${route.service}:${route.portName || route.port}${reason === '' ? '' : `: ${reason}`}`;
    })
    .join('');
}

function matchesNeed(route: Route, need: Need): boolean {
  const port = need.port === undefined || need.port === route.portName || Number(need.port) === route.port;
  return port && route.namespace === need.namespace && route.name === need.name;
}

function mayBecomeReady(route: Route, table: RouteTable): boolean {
  if (route.kind === 'externalName' || route.kind === 'otherProxy') return false;
  if (route.endpoints.length > 0) return true;
  return route.skippedPods.some(({ pod, reason }) => {
    const found = reason === 'no-address' ? table.store.pod(pod) : undefined;
    return found !== undefined && runtimeOf(found, PROCESSES) !== undefined;
  });
}
