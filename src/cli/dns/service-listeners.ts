import type { ServiceListener } from '../../dns/index.ts';
import type { ObjectKey } from '../../kube/index.ts';
import type { Listener } from '../../planes/index.ts';
import type { Route } from '../../routing/index.ts';
import type { ServedPlane, Up } from '../../up/index.ts';

/** Where a Service listens on a plane of `up` now, in place of its cluster IP. */
export function serviceListeners(up: Up, plane: ServedPlane, service: ObjectKey): ServiceListener[] {
  return up.table.routesOf(service).flatMap(route => listenersOfRoute(route, plane.listenersOf(route.key)));
}

/** Where one route listens now, in place of its cluster IP. */
export function listenersOfRoute({ portName, protocol }: Route, listeners: readonly Listener[]): ServiceListener[] {
  return onClusterIP(listeners).map(({ address, port }) => ({ address, port, portName, protocol }));
}

/** The listeners that stand for cluster IPs and did not fail. */
export function onClusterIP(listeners: readonly Listener[]): Listener[] {
  return listeners.filter(({ frontend, failed }) => frontend.kind === 'clusterIP' && failed === undefined);
}
