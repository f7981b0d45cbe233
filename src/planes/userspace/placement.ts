import { familyOf } from '../../kube/address.ts';
import type { Frontend, ProxiedRoute } from '../../routing/index.ts';
import { MOVED_PORTS, NODE_PORTS, type PortRange } from './address-book.ts';

/** One place at which a route listens, and the frontends that are dialled there. */
export interface Binding {
  /** The same as long as the route asks for the same place. */
  readonly id: string;
  readonly address: string;
  /** undefined: any port of the range, nobody has named one. */
  readonly port: number | undefined;
  /** Ports to fall back on, and the key that decides which of them. */
  readonly range: PortRange;
  readonly key: string;
  readonly frontends: readonly Frontend[];
  /** Which of the route's deliveries counts here. */
  readonly entry: 'internal' | 'external';
  /** The Service's source ranges bind here: load-balancer frontends only. */
  readonly ranged: boolean;
}

/** A frontend that cannot be had on this machine. */
export interface Unplaced {
  readonly frontend: Frontend;
  readonly address: string;
  readonly port: number;
  readonly failed: string;
}

export interface PlacementContext {
  readonly addresses: 'per-service' | 'shared';
  readonly listen: string | undefined;
  /** Whether an address is one of this machine. */
  readonly has: (address: string) => boolean;
  readonly serviceAddress: (service: string) => string;
}

/** Where the frontends of a route listen on this machine. */
export function placeFrontends(route: ProxiedRoute, context: PlacementContext): (Binding | Unplaced)[] {
  const bindings = new Map<string, Binding>();
  const unplaced: Unplaced[] = [];
  for (const frontend of route.frontends) {
    const port = frontend.port;
    if (frontend.kind === 'externalIP' && !context.has(frontend.address)) {
      unplaced.push({ frontend, address: frontend.address, port: frontend.port, failed: NOT_OURS });
      continue;
    }
    const address = addressFor(route, frontend, context);
    const entry = frontend.kind === 'clusterIP' ? 'internal' : 'external';
    const id = `${address} ${port ?? 'any'}`;
    const known = bindings.get(id);
    // Where addresses are shared, cluster IP and load balancer of one port meet: one socket serves both, as internal.
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

/** One node port serves both families of a Service port. */
function nodePortKey(route: ProxiedRoute): string {
  return `${route.service}:${route.portName}/${route.protocol} nodePort`;
}

function addressFor(route: ProxiedRoute, frontend: Frontend, context: PlacementContext): string {
  const loopback = route.family === 'IPv4' ? '127.0.0.1' : '::1';
  switch (frontend.kind) {
    case 'externalIP':
      return frontend.address;
    case 'clusterIP':
      if (frontend.address !== undefined && context.has(frontend.address)) return frontend.address;
      // IPv6 has one loopback address and no more, so its Services share it.
      return context.addresses === 'per-service' && route.family === 'IPv4'
        ? context.serviceAddress(route.service)
        : loopback;
    case 'loadBalancer':
      if (frontend.address !== undefined && context.has(frontend.address)) return frontend.address;
      return listenAddress(route, context) ?? loopback;
    case 'nodePort':
      return listenAddress(route, context) ?? loopback;
  }
}

function listenAddress(route: ProxiedRoute, context: PlacementContext): string | undefined {
  return context.listen !== undefined && familyOf(context.listen) === route.family ? context.listen : undefined;
}

const NOT_OURS = 'not an address of this machine';
