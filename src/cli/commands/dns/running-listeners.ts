import { runningState } from '../../../admin/index.ts';
import type { ServiceListener } from '../../../dns/index.ts';
import type { ObjectKey } from '../../../kube/objects.ts';
import { RouteTable } from '../../../routing/index.ts';
import { packageVersion } from '../../../version.ts';
import { World } from '../../../world/index.ts';
import { listenersOfRoute } from '../../dns/service-listeners.ts';

/** Where the Services of a running `up` listen. */
export interface RunningListeners {
  listenersOf(service: ObjectKey): readonly ServiceListener[];
  /** Asks again now and then, and tells which Services have moved. */
  follow(moved: (services: readonly ObjectKey[]) => void): void;
  close(): void;
}

const ASK_AGAIN_MS = 1000;

/** @throws SWB_NOT_RUNNING */
export async function runningListeners(): Promise<RunningListeners> {
  let known = await ask();
  let timer: NodeJS.Timeout | undefined;
  return {
    listenersOf: service => known.get(service) ?? [],
    follow: moved => {
      const again = async (): Promise<void> => {
        // While it is restarted what was true last is the best that is known.
        const found = await ask().catch(() => known);
        const services = [...new Set([...known.keys(), ...found.keys()])].filter(
          service => JSON.stringify(known.get(service)) !== JSON.stringify(found.get(service)),
        );
        known = found;
        if (services.length > 0) moved(services);
        timer?.refresh();
      };
      timer = setTimeout(() => void again(), ASK_AGAIN_MS).unref();
    },
    close: () => clearTimeout(timer),
  };
}

async function ask(): Promise<ReadonlyMap<ObjectKey, readonly ServiceListener[]>> {
  const { objects, listeners } = await runningState(packageVersion());
  const world = new World();
  const table = new RouteTable(world.store);
  table.update(world.apply(objects.map(object => ({ type: 'set', object }))));
  const byRoute = Map.groupBy(listeners, listener => listener.route);
  const found = new Map<ObjectKey, ServiceListener[]>();
  for (const route of table.routes()) {
    const places = listenersOfRoute(route, byRoute.get(route.key) ?? []);
    found.set(route.service, [...(found.get(route.service) ?? []), ...places]);
  }
  return found;
}
