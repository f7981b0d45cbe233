import { runningState } from '../../../admin/index.ts';
import type { ServiceListener } from '../../../dns/index.ts';
import type { ObjectKey } from '../../../kube/index.ts';
import { RouteTable } from '../../../routing/index.ts';
import { packageVersion } from '../../../version.ts';
import { World } from '../../../world/index.ts';
import { listenersOfRoute } from '../../dns/service-listeners.ts';

/** The listeners of the Services of a running `up`. */
export interface RunningListeners {
  listenersOf(service: ObjectKey): readonly ServiceListener[];
  /** Polls the running `up` and reports the Services whose listeners changed. */
  follow(onChange: (services: readonly ObjectKey[]) => void): void;
  close(): void;
}

const POLL_INTERVAL_MS = 1000;

/** @throws SWB_NOT_RUNNING */
export async function runningListeners(): Promise<RunningListeners> {
  let current = await readListeners();
  let timer: NodeJS.Timeout | undefined;
  return {
    listenersOf: service => current.get(service) ?? [],
    follow: onChange => {
      const poll = async (): Promise<void> => {
        // Keep the last listeners while `up` restarts.
        const found = await readListeners().catch(() => current);
        const services = [...new Set([...current.keys(), ...found.keys()])].filter(
          service => JSON.stringify(current.get(service)) !== JSON.stringify(found.get(service)),
        );
        current = found;
        if (services.length > 0) onChange(services);
        timer?.refresh();
      };
      timer = setTimeout(() => void poll(), POLL_INTERVAL_MS).unref();
    },
    close: () => clearTimeout(timer),
  };
}

async function readListeners(): Promise<ReadonlyMap<ObjectKey, readonly ServiceListener[]>> {
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
