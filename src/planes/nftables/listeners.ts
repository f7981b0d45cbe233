import type { ProxiedRoute } from '../../routing/index.ts';
import type { Listener } from '../plane.ts';
import type { Placement } from './addresses.ts';
import { nodePortAddresses } from './fixed.ts';
import type { ResolvedOptions } from './options.ts';
import { vipEntryOf } from './route-program.ts';
import { entryId, type TableView } from './view.ts';

/**
 * Where a frontend can be dialled, or why it cannot.
 *
 * @param view the state of the kernel; undefined: the route was just written
 * @param rejected why the kernel rejected the route
 */
export function listenerOf(
  route: ProxiedRoute,
  { frontend, placed, failed }: Placement,
  view: TableView | undefined,
  rejected: string | undefined,
  options: ResolvedOptions,
): Listener {
  const base = { route: route.key, frontend, protocol: route.protocol };
  if (placed === undefined) {
    return { ...base, address: '', port: frontend.port ?? 0, failed: failed ?? 'the frontend has no address' };
  }
  const address = placed.kind === 'nodePort' ? nodeAddress(route, options) : placed.address;
  const { port } = placed;
  if (rejected !== undefined) {
    return { ...base, address, port, failed: `the kernel rejected the route: ${rejected}` };
  }
  const { lookup, key } = vipEntryOf(route, placed);
  if (view !== undefined && !view.has(entryId(lookup, key))) {
    return { ...base, address, port, failed: 'the frontend is not in the kernel' };
  }
  return { ...base, address, port };
}

function nodeAddress(route: ProxiedRoute, options: ResolvedOptions): string {
  return nodePortAddresses(route.family, options)[0] ?? (route.family === 'IPv4' ? '0.0.0.0' : '::');
}
