import type { ProxiedRoute } from '../../routing/index.ts';
import type { Listener } from '../plane.ts';
import type { Placement } from './addresses.ts';
import { nodePortAddresses } from './fixed.ts';
import { doorOf } from './programme.ts';
import type { Settings } from './settings.ts';
import { doorId, type TableView } from './view.ts';

/**
 * Where a frontend can be dialled, or why not.
 *
 * @param view what the kernel has; undefined: it was just told
 * @param refused why the kernel did not take the route
 */
export function listenerOf(
  route: ProxiedRoute,
  { frontend, placed, failed }: Placement,
  view: TableView | undefined,
  refused: string | undefined,
  settings: Settings,
): Listener {
  const base = { route: route.key, frontend, protocol: route.protocol };
  if (placed === undefined) {
    return { ...base, address: '', port: frontend.port ?? 0, failed: failed ?? 'it has no address' };
  }
  const address = placed.kind === 'nodePort' ? nodeAddress(route, settings) : placed.address;
  const { port } = placed;
  if (refused !== undefined) return { ...base, address, port, failed: `the kernel refused it: ${refused}` };
  const { entrance, key } = doorOf(route, placed);
  if (view !== undefined && !view.has(doorId(entrance, key))) {
    return { ...base, address, port, failed: 'it is not in the kernel' };
  }
  return { ...base, address, port };
}

function nodeAddress(route: ProxiedRoute, settings: Settings): string {
  return nodePortAddresses(route.family, settings)[0] ?? (route.family === 'IPv4' ? '0.0.0.0' : '::');
}
