import { blockContains, familyOf } from '../../net/index.ts';
import type { Frontend, ProxiedRoute } from '../../routing/index.ts';
import type { ResolvedOptions } from './options.ts';
import { MOVED_PORTS, NODE_PORTS, type PortRange } from './port-allocator.ts';

/** An address and port on which a route listens, and the frontends that are dialed there. */
export interface Binding {
  /** Stays the same while the route asks for the same address and port. */
  readonly id: string;
  readonly address: string;
  /** undefined: any port of the range, since no port is named. */
  readonly port: number | undefined;
  /** The ports to fall back on, and the key that decides among them. */
  readonly range: PortRange;
  readonly key: string;
  readonly frontends: readonly Frontend[];
  /** Which delivery of the route applies here. */
  readonly entry: 'internal' | 'external';
  /** Whether the Service's source ranges apply: load-balancer frontends only. */
  readonly ranged: boolean;
}

/** A frontend that cannot be served on this machine. */
export interface Unplaced {
  readonly frontend: Frontend;
  readonly address: string;
  readonly port: number;
  readonly failed: string;
  /** Whether the cause may pass: an interface may get the address later. */
  readonly mayPass: boolean;
}

export interface PlacementContext {
  readonly addresses: ResolvedOptions['addresses'];
  readonly listen: string | undefined;
  /** Whether an address belongs to this machine. */
  readonly has: (address: string) => boolean;
  readonly serviceAddress: (service: string) => string;
}

/** The addresses and ports on which a route listens on this machine. */
export function placeFrontends(route: ProxiedRoute, context: PlacementContext): (Binding | Unplaced)[] {
  const bindings = new Map<string, Binding>();
  const unplaced: Unplaced[] = [];
  for (const frontend of route.frontends) {
    const port = frontend.port;
    const reason = reasonUnplaced(route, frontend, context);
    if (reason !== undefined) {
      const address = frontend.kind === 'nodePort' ? '' : (frontend.address ?? '');
      unplaced.push({ frontend, address, port: port ?? 0, ...reason });
      continue;
    }
    const address = addressFor(route, frontend, context);
    const entry = frontend.kind === 'clusterIP' ? 'internal' : 'external';
    const id = `${address} ${port ?? 'any'}`;
    const known = bindings.get(id);
    // With shared addresses, the cluster IP and the load balancer of a port have one socket, which serves as internal.
    bindings.set(id, {
      id,
      address,
      port,
      range: frontend.kind === 'nodePort' ? NODE_PORTS : MOVED_PORTS,
      key: frontend.kind === 'nodePort' ? nodePortKey(route) : `${route.key} ${frontend.kind}`,
      frontends: [...(known?.frontends ?? []), frontend],
      entry: known?.entry === 'internal' ? 'internal' : entry,
      ranged: frontend.kind === 'loadBalancer' && (known?.ranged ?? true),
    });
  }
  return [...bindings.values(), ...unplaced];
}

function reasonUnplaced(
  { family }: ProxiedRoute,
  frontend: Frontend,
  { addresses, has }: PlacementContext,
): Pick<Unplaced, 'failed' | 'mayPass'> | undefined {
  if (frontend.kind === 'externalIP' && !has(frontend.address)) {
    return { failed: `${frontend.address} is not an address of this machine`, mayPass: true };
  }
  // On loopback, the clients in the network of the block would dial themselves.
  if (family === 'IPv6' && typeof addresses === 'object') {
    return { failed: 'the network of the Services has no IPv6 addresses', mayPass: false };
  }
  return undefined;
}

/** A Service port has one node port for both families. */
function nodePortKey(route: ProxiedRoute): string {
  return `${route.service}:${route.portName}/${route.protocol} nodePort`;
}

function addressFor(route: ProxiedRoute, frontend: Frontend, context: PlacementContext): string {
  const loopback = route.family === 'IPv4' ? '127.0.0.1' : '::1';
  switch (frontend.kind) {
    case 'externalIP':
      return frontend.address;
    case 'clusterIP':
      if (frontend.address !== undefined && isServed(frontend.address, context)) return frontend.address;
      // IPv6 has a single loopback address, which its Services share.
      return context.addresses !== 'shared' && route.family === 'IPv4'
        ? context.serviceAddress(route.service)
        : loopback;
    case 'loadBalancer':
      if (frontend.address !== undefined && context.has(frontend.address)) return frontend.address;
      return listenAddress(route, context) ?? loopback;
    case 'nodePort':
      return listenAddress(route, context) ?? loopback;
  }
}

function isServed(address: string, { addresses, has }: PlacementContext): boolean {
  return has(address) || (typeof addresses === 'object' && blockContains(addresses, address));
}

function listenAddress(route: ProxiedRoute, context: PlacementContext): string | undefined {
  return context.listen !== undefined && familyOf(context.listen) === route.family ? context.listen : undefined;
}
