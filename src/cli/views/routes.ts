/**
 * Routes as rows and as data, from the routes and the listeners of the plane.
 *
 * @module
 */
import type { SkippedPod } from '../../endpoints/index.ts';
import { frontendText, skippedPodText, stateReason } from '../../explain/words/index.ts';
import { hostPort } from '../../net/index.ts';
import type { Listener } from '../../planes/index.ts';
import { type Frontend, type Route, routeState } from '../../routing/index.ts';
import { columns } from '../columns.ts';

export const ROUTE_HEADERS = ['SERVICE', 'TYPE', 'ADDRESS', 'PORT(S)', 'READY', 'STATE', 'REASON'] as const;

/** The listeners of a route; absent without a running plane (`get`). */
export type ListenersOf = (route: Route) => readonly Listener[];

/** One row per frontend: a Service port on its cluster IP, its node port, its load balancer. */
export function routeRows(routes: Iterable<Route>, listenersOf?: ListenersOf): string[][] {
  const rows: string[][] = [];
  for (const route of sorted(routes)) {
    const { ready, total } = routeState(route);
    const counts = route.kind === 'externalName' ? '-' : `${ready}/${total}`;
    for (const { type, address, listener } of placesOf(route, listenersOf)) {
      const { state, reason } = listenerState(route, listener === undefined ? [] : [listener]);
      rows.push([route.service, type, address, portText(route), counts, state, reason]);
    }
  }
  return rows;
}

export function routeTable(routes: Iterable<Route>, showHeaders: boolean, listenersOf?: ListenersOf): string {
  return columns(ROUTE_HEADERS, routeRows(routes, listenersOf), showHeaders);
}

/** The table with additional columns, such as the endpoints of every route. */
export function wideRouteTable(routes: Iterable<Route>, showHeaders: boolean, listenersOf?: ListenersOf): string {
  const headers = [
    'SERVICE',
    'TYPE',
    'ADDRESS',
    'PORT(S)',
    'READY',
    'STATE',
    'FAMILY',
    'POLICY',
    'ENDPOINTS',
    'REASON',
  ];
  const rows: string[][] = [];
  for (const route of sorted(routes)) {
    const endpoints = route.endpoints.map(e => `${hostPort(e.address, e.port)}${e.ready ? '' : '(not ready)'}`);
    const policy = route.kind === 'proxied' ? `${route.internalTrafficPolicy}/${route.externalTrafficPolicy}` : '-';
    for (const row of routeRows([route], listenersOf)) {
      rows.push([...row.slice(0, 6), route.family, policy, endpoints.join(',') || '<none>', row[6] ?? '']);
    }
  }
  return columns(headers, rows, showHeaders);
}

/** `80 (http) -> web:8080`, `53/UDP (dns) -> 5353`; a named port that differs between pods shows all numbers. */
export function portText(route: Route): string {
  if (route.port === 0) return '-';
  const protocol = route.protocol === 'TCP' ? '' : `/${route.protocol}`;
  const name = route.portName === '' ? '' : ` (${route.portName})`;
  if (route.kind === 'externalName') return `${route.port}${protocol}${name}`;
  const numbers = [...new Set(route.endpoints.map(endpoint => endpoint.port))].sort((a, b) => a - b).join(',');
  const named = typeof route.targetPort === 'string';
  // Manually written slices may have any port, whatever targetPort says, so the endpoints decide.
  const target = named ? `${route.targetPort}${numbers === '' ? '' : `:${numbers}`}` : numbers || `${route.targetPort}`;
  return `${route.port}${protocol}${name} -> ${target}`;
}

/** Name of a route in output for people: `shop/web:http`, `shop/web:80` if the port has no name. */
export function routeName(route: Route): string {
  const protocol = route.protocol === 'TCP' ? '' : `/${route.protocol}`;
  const port = route.portName === '' ? (route.port === 0 ? '' : `:${route.port}`) : `:${route.portName}`;
  return `${route.service}${port}${protocol}${route.family === 'IPv6' ? ' (IPv6)' : ''}`;
}

/**
 * The state of a route on a running plane: a Service with ready endpoints whose listeners have all failed cannot be
 * dialled. The reason includes those of the listeners.
 */
export function listenerState(route: Route, listeners: readonly Listener[]): { state: string; reason: string } {
  const { state } = routeState(route);
  const notes = new Set(listeners.map(({ failed, moved }) => failed ?? moved));
  const reason = [stateReason(route), ...notes].filter(Boolean).join('; ');
  const failed = listeners.length > 0 && listeners.every(listener => listener.failed !== undefined);
  return { state: failed && route.kind === 'proxied' && state !== 'NoEndpoints' ? 'NotListening' : state, reason };
}

interface Place {
  readonly type: string;
  readonly address: string;
  readonly listener?: Listener;
}

function placesOf(route: Route, listenersOf: ListenersOf | undefined): Place[] {
  if (route.kind === 'headless') return [{ type: 'Headless', address: 'None' }];
  if (route.kind === 'externalName') return [{ type: 'ExternalName', address: route.externalName }];
  if (route.kind === 'otherProxy') return [{ type: route.type, address: '-' }];
  if (listenersOf === undefined) {
    return route.frontends.map(frontend => ({
      type: frontendType(frontend),
      address: frontendAddress(frontend),
    }));
  }
  const listeners = listenersOf(route);
  if (listeners.length === 0) return [{ type: route.type, address: '-' }];
  return listeners.map(listener => ({
    type: frontendType(listener.frontend),
    address: listener.failed === undefined ? hostPort(listener.address, listener.port) : '-',
    listener,
  }));
}

function frontendType(frontend: Frontend): string {
  return { clusterIP: 'ClusterIP', nodePort: 'NodePort', loadBalancer: 'LoadBalancer', externalIP: 'ExternalIP' }[
    frontend.kind
  ];
}

function frontendAddress(frontend: Frontend): string {
  if (frontend.kind === 'nodePort') return frontend.port === undefined ? '<node>:<unset>' : `<node>:${frontend.port}`;
  return frontend.address === undefined ? `<unset>:${frontend.port}` : hostPort(frontend.address, frontend.port);
}

export function sorted(routes: Iterable<Route>): Route[] {
  return [...routes].sort(
    (a, b) =>
      compare(a.service, b.service) ||
      a.port - b.port ||
      compare(a.protocol, b.protocol) ||
      compare(a.family, b.family),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A route as data, as docs/output.md documents it. Later versions add fields and never rename them. */
export function routeData(route: Route, listenersOf?: ListenersOf): Record<string, unknown> {
  const { ready, total } = routeState(route);
  const { state, reason } = listenerState(route, listenersOf?.(route) ?? []);
  return {
    name: routeName(route),
    kind: route.kind,
    namespace: route.namespace,
    service: route.name,
    type: route.type,
    family: route.family,
    protocol: route.protocol,
    portName: route.portName,
    port: route.port,
    targetPort: route.targetPort,
    state,
    reason,
    ready,
    total,
    ...(route.kind === 'externalName' ? { externalName: route.externalName } : {}),
    ...(route.kind === 'proxied'
      ? {
          frontends: route.frontends.map(frontend => ({ ...frontend })),
          contested: route.contested.map(c => ({ frontend: frontendText(c.frontend), winner: c.winner })),
          internal: route.internal.kind,
          external: route.external.kind,
          affinityTimeoutSeconds: route.affinityTimeoutSeconds,
        }
      : {}),
    ...(listenersOf === undefined
      ? {}
      : {
          listeners: listenersOf(route).map(({ address, port, frontend, moved, failed }) => ({
            address,
            port,
            frontend: frontend.kind,
            moved,
            failed,
          })),
        }),
    endpoints: route.endpoints,
    omissions: route.skippedPods.map(skippedPodData),
  };
}

/** A skipped pod as data; its code, and the same in words. */
export function skippedPodData(skipped: SkippedPod): Record<string, unknown> {
  const { pod, reason, portName } = skipped;
  return { pod, reason, ...(portName === undefined ? {} : { portName }), ...skippedPodText(skipped) };
}
