import type { ServiceListener } from '../dns/index.ts';
import type { ObjectKey } from '../kube/objects.ts';
import type { Up } from '../up/index.ts';

/** Where a Service is dialled now, on its cluster IP. */
export function serviceListeners(up: Up, service: ObjectKey): ServiceListener[] {
  return up.table.routesOf(service).flatMap(route =>
    up
      .listenersOf(route.key)
      .filter(listener => listener.frontend.kind === 'clusterIP' && listener.failed === undefined)
      .map(({ address, port }) => ({ address, port, portName: route.portName, protocol: route.protocol })),
  );
}
