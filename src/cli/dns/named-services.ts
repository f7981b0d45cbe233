import { runningState } from '../../admin/index.ts';
import { canonicalAddress } from '../../net/index.ts';
import type { BlockOwner, NamedService } from '../../resolver-setup/index.ts';
import { type Route, RouteTable } from '../../routing/index.ts';
import { markOf } from '../../system/index.ts';
import { packageVersion } from '../../version.ts';
import { World } from '../../world/index.ts';
import { loadInput } from '../load.ts';
import type { InputFlags } from '../options/index.ts';
import { onClusterIP } from './service-listeners.ts';

/** Services, and the addresses that their names resolve to. */
export interface NamedSet {
  readonly owner: BlockOwner;
  readonly services: readonly NamedService[];
  /** What a name alone does not show: ports that differ from those of the Services. */
  readonly notes: readonly string[];
}

/**
 * The Services of the manifests that -f names, with their cluster IPs; without -f those of a running `up`, with the
 * addresses on which they listen.
 *
 * @throws what `loadInput` throws; SWB_NOT_RUNNING
 */
export async function namedServices(flags: InputFlags): Promise<NamedSet> {
  return flags.filename.length > 0 ? servicesOfManifests(flags) : runningServices();
}

async function servicesOfManifests(flags: InputFlags): Promise<NamedSet> {
  const { first } = await loadInput(flags);
  const services: NamedService[] = [];
  const unnamed: string[] = [];
  for (const event of first.events) {
    if (event.type !== 'set' || event.object.kind !== 'Service' || event.object.type === 'ExternalName') continue;
    const { meta, clusterIPs } = event.object;
    const addresses = clusterIPs.map(canonicalAddress).filter(address => address !== undefined);
    if (addresses.length > 0) services.push({ name: meta.name, namespace: meta.namespace, addresses });
    else unnamed.push(`${meta.namespace}/${meta.name}`);
  }
  const notes = unnamed.length === 0 ? [] : [`without a cluster IP, so without a name: ${unnamed.join(', ')}`];
  return { owner: { kind: 'manifests' }, services, notes };
}

/** @throws SWB_NOT_RUNNING */
export async function runningServices(): Promise<NamedSet> {
  const { objects, listeners, pid } = await runningState(packageVersion());
  const world = new World();
  const table = new RouteTable(world.store);
  table.update(world.apply(objects.map(object => ({ type: 'set', object }))));
  const byRoute = Map.groupBy(listeners, listener => listener.route);
  const addresses = new Map<string, Set<string>>();
  const notes: string[] = [];
  for (const route of table.routes()) {
    const found = addresses.get(route.service) ?? new Set();
    addresses.set(route.service, found);
    for (const address of headlessAddresses(route)) found.add(address);
    for (const { frontend, address, port } of onClusterIP(byRoute.get(route.key) ?? [])) {
      found.add(address);
      if (port !== frontend.port) notes.push(`${route.service}: port ${frontend.port} is ${port} on this machine`);
    }
  }
  const services = [...addresses].map(([key, all]): NamedService => {
    const [namespace = '', name = ''] = key.split('/');
    // The state may come from another user's process, and all users read the hosts file.
    const trusted = [...all].filter(address => canonicalAddress(address) === address);
    return { name, namespace, addresses: trusted };
  });
  return { owner: { kind: 'process', mark: await markOf(pid) }, services: services.filter(isValid), notes };
}

function headlessAddresses(route: Route): string[] {
  return route.kind === 'headless' ? route.endpoints.filter(e => e.ready).map(e => e.address) : [];
}

function isValid({ name, namespace, addresses }: NamedService): boolean {
  return addresses.length > 0 && [name, namespace].every(label => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
}
