import { endpointName, stateReason, whyUnready } from '../../../explain/words/index.ts';
import { hostPort } from '../../../net/index.ts';
import type { Listener } from '../../../planes/index.ts';
import { type Route, type RouteChange, type RouteEndpoint, routeState } from '../../../routing/index.ts';
import { listenerState, portText, routeName } from '../../views/routes.ts';

/** The lines that describe a change to users. */
export function changeLines(change: RouteChange, listeners: readonly Listener[]): string[] {
  const name = routeName(change.route);
  if (change.type === 'delete') return [`- ${name}  route removed`];
  const { route, previous } = change;
  const state = stateText(route, listeners);
  if (previous === undefined) return [`+ ${name}  ${whereText(listeners)}${portText(route)}  ${state}`];
  // The route is the same: its listeners have changed.
  if (previous === route) return [`~ ${name}  ${listensText(listeners)}  ${state}`];
  const lines = endpointLines(route, previous, name);
  if (portText(route) !== portText(previous) && route.port !== previous.port) {
    lines.push(`~ ${name}  port ${previous.port} is now ${whereText(listeners)}${portText(route)}`);
  } else if (route.targetPort !== previous.targetPort) {
    lines.push(`~ ${name}  targetPort ${previous.targetPort} is now ${route.targetPort}: ${portText(route)}`);
  }
  const before = routeState(previous);
  const after = routeState(route);
  if (before.state !== after.state || (lines.length === 0 && stateReason(previous) !== stateReason(route))) {
    lines.push(`~ ${name}  ${state}`);
  }
  if (lines.length === 0 && settingsOf(route) !== settingsOf(previous)) {
    lines.push(`~ ${name}  changed: ${whereText(listeners)}${state}`);
  }
  // The remaining changes are invisible, such as a ready pod that lacks the port.
  return lines;
}

/** A change as data, for `-o jsonl`. */
export function changeData(change: RouteChange, listeners: readonly Listener[]): Record<string, unknown> {
  const { route } = change;
  const { ready, total } = routeState(route);
  const { state, reason } = listenerState(route, listeners);
  return {
    event: change.type === 'delete' ? 'route-removed' : change.previous === undefined ? 'route-added' : 'route-changed',
    route: routeName(route),
    ...(change.type === 'delete' ? {} : { state, ready, total, reason, listeners: listeners.map(listenerData) }),
  };
}

function listenerData({ address, port, frontend, moved, failed }: Listener): Record<string, unknown> {
  return { address, port, frontend: frontend.kind, moved, failed };
}

function endpointLines(route: Route, previous: Route, name: string): string[] {
  const lines: string[] = [];
  const before = new Map(previous.endpoints.map(endpoint => [idOf(endpoint), endpoint]));
  for (const endpoint of route.endpoints) {
    const old = before.get(idOf(endpoint));
    before.delete(idOf(endpoint));
    const who = `${endpointName(endpoint)} (${hostPort(endpoint.address, endpoint.port)})`;
    if (endpoint.ready && !old?.ready) lines.push(`~ ${name}  endpoint ready: ${who}`);
    else if (endpoint.terminating && !old?.terminating) lines.push(`~ ${name}  endpoint terminating: ${who}`);
    else if (!endpoint.ready && old?.ready !== false) {
      lines.push(`~ ${name}  endpoint ${whyUnready(route, endpoint)}: ${who}`);
    }
  }
  for (const endpoint of before.values()) {
    lines.push(`~ ${name}  endpoint gone: ${endpointName(endpoint)} (${hostPort(endpoint.address, endpoint.port)})`);
  }
  return lines;
}

function idOf(endpoint: RouteEndpoint): string {
  return hostPort(endpoint.address, endpoint.port);
}

function listensText(listeners: readonly Listener[]): string {
  const open = listeners.filter(listener => listener.failed === undefined);
  return open.length === 0
    ? 'listens nowhere'
    : `listens on ${open.map(({ address, port }) => hostPort(address, port)).join(', ')}`;
}

function whereText(listeners: readonly Listener[]): string {
  const first = listeners.find(listener => listener.failed === undefined);
  return first === undefined ? '' : `${hostPort(first.address, first.port)}  `;
}

function stateText(route: Route, listeners: readonly Listener[]): string {
  const { ready, total } = routeState(route);
  const { state, reason } = listenerState(route, listeners);
  const counts = route.kind === 'externalName' ? '' : ` ${ready}/${total}`;
  return `${state}${counts}${reason === '' ? '' : `: ${reason}`}`;
}

/** The settings of a route that neither its port nor its state shows. */
function settingsOf(route: Route): string {
  const { endpoints: _endpoints, skippedPods: _skippedPods, selected: _selected, ...rest } = route;
  if (rest.kind !== 'proxied') return JSON.stringify(rest);
  const { internal: _internal, external: _external, externalFromLocal: _local, ...settings } = rest;
  return JSON.stringify(settings);
}
