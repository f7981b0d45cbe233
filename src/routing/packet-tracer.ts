/**
 * Traces one packet through a node: which frontend it dials, which endpoints it may reach, whether its source is
 * rewritten. The rules are those of kube-proxy in nftables mode (Kubernetes 1.34, `pkg/proxy/nftables/proxier.go`).
 *
 * @module
 */

import { type Cidr, cidrContains, familyOf, hostPort, type IpFamily, type Protocol } from '../net/index.ts';
import { isLoopback, nodePortAddressesOf } from './node-ports.ts';
import type { Delivery, Frontend, ProxiedRoute, Route } from './route.ts';

/** The facts about the node that a packet arrives at. Its name and zone are in the routes already. */
export interface TracedNode {
  /** Canonical; the first of each family is the primary one. */
  readonly addresses: readonly string[];
  /** The addresses that accept node ports; empty: the primary ones. */
  readonly nodePortAddresses: readonly Cidr[];
  /** The ranges of the cluster's pods; empty: pods are not recognised. */
  readonly clusterCidrs: readonly Cidr[];
  readonly masqueradeAll: boolean;
  /** Ranges of the cluster's ServiceCIDR objects. */
  readonly serviceCidrs: readonly Cidr[];
}

export interface Packet {
  /** Canonical. */
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** The reason for an outcome, as a code. */
export type TraceReason =
  | 'delivered'
  | 'no-endpoints'
  | 'none-on-this-node'
  | 'source-range'
  | 'unclaimed-port'
  | 'unclaimed-address'
  | 'not-a-frontend';

export interface TraceResult {
  readonly outcome: 'endpoints' | 'reject' | 'drop' | 'none';
  readonly reason: TraceReason;
  /** `address:port`, sorted; empty unless the outcome is `endpoints`. */
  readonly endpoints: readonly string[];
  /** `hairpin`: only if the chosen endpoint is the source itself. */
  readonly masquerade: boolean | 'hairpin';
  readonly route?: ProxiedRoute;
  readonly frontend?: Frontend;
  /** The source gets the cluster-wide endpoints of an external frontend although externalTrafficPolicy is Local. */
  readonly shortCircuit?: boolean;
}

/** Traces packets against a set of routes. */
export class PacketTracer {
  readonly #node: TracedNode;
  readonly #byAddress = new Map<string, { route: ProxiedRoute; frontend: Frontend }>();
  readonly #byNodePort = new Map<string, { route: ProxiedRoute; frontend: Frontend }>();
  readonly #clusterIPs = new Set<string>();

  constructor(routes: Iterable<Route>, node: TracedNode) {
    this.#node = node;
    for (const route of routes) {
      if (route.kind !== 'proxied') continue;
      for (const frontend of route.frontends) {
        if (frontend.kind === 'nodePort') {
          if (frontend.port === undefined) continue;
          this.#byNodePort.set(`${route.family} ${frontend.port}/${route.protocol}`, { route, frontend });
        } else if (frontend.address !== undefined) {
          this.#byAddress.set(placeId(frontend.address, frontend.port, route.protocol), { route, frontend });
          if (frontend.kind === 'clusterIP') this.#clusterIPs.add(frontend.address);
        }
      }
    }
  }

  trace(packet: Packet): TraceResult {
    const found = this.#find(packet);
    if (found === undefined) return this.#unclaimed(packet.to);
    const { route, frontend } = found;
    const common = { route, frontend };
    if (frontend.kind === 'loadBalancer' && !this.#isAllowed(packet.from, route)) {
      return { outcome: 'drop', reason: 'source-range', endpoints: [], masquerade: false, ...common };
    }
    const fromNode = this.#isNode(packet.from);
    const shortCircuit =
      frontend.kind !== 'clusterIP' &&
      route.externalTrafficPolicy === 'Local' &&
      (fromNode || this.#isPod(packet.from));
    const delivery = deliveryOf(route, frontend, shortCircuit);
    if (delivery.kind !== 'endpoints') {
      const reason = delivery.kind === 'reject' ? 'no-endpoints' : 'none-on-this-node';
      return { outcome: delivery.kind, reason, endpoints: [], masquerade: false, ...common };
    }
    return {
      outcome: 'endpoints',
      reason: 'delivered',
      endpoints: delivery.endpoints.map(endpoint => hostPort(endpoint.address, endpoint.port)).sort(),
      masquerade: this.#masquerade(packet.from, route, frontend, delivery),
      ...common,
      ...(shortCircuit ? { shortCircuit } : {}),
    };
  }

  /** Service addresses are looked up before node ports, so that an address of the node can be an external IP. */
  #find({ to, port, protocol }: Packet) {
    const byAddress = this.#byAddress.get(placeId(to, port, protocol));
    if (byAddress !== undefined) return byAddress;
    const byNodePort = this.#byNodePort.get(`${familyOf(to)} ${port}/${protocol}`);
    return byNodePort !== undefined && this.takesNodePorts(to) ? byNodePort : undefined;
  }

  takesNodePorts(address: string): boolean {
    const { addresses, nodePortAddresses } = this.#node;
    const chosen = nodePortAddresses.length === 0 ? 'primary' : nodePortAddresses;
    return nodePortAddressesOf(familyOf(address), addresses, chosen).includes(address);
  }

  /** Unknown ports of a cluster IP are rejected; unused addresses of the Service range are dropped. */
  #unclaimed(to: string): TraceResult {
    const nothing = { endpoints: [], masquerade: false } as const;
    if (this.#clusterIPs.has(to)) return { outcome: 'reject', reason: 'unclaimed-port', ...nothing };
    if (this.#node.serviceCidrs.some(range => cidrContains(range, to))) {
      return { outcome: 'drop', reason: 'unclaimed-address', ...nothing };
    }
    return { outcome: 'none', reason: 'not-a-frontend', ...nothing };
  }

  #isAllowed(from: string, route: ProxiedRoute): boolean {
    const { sourceRanges } = route;
    if (sourceRanges.length === 0 || sourceRanges.some(range => cidrContains(range, from))) return true;
    return allowedLoadBalancers(route, this.#node.addresses).includes(from);
  }

  #masquerade(
    from: string,
    route: ProxiedRoute,
    frontend: Frontend,
    delivery: Extract<Delivery, { kind: 'endpoints' }>,
  ): boolean | 'hairpin' {
    if (this.#alwaysMasquerades(from, route, frontend)) {
      // Packets to the node itself are not forwarded, and only forwarded packets are masqueraded.
      return this.#isNode(from) || delivery.endpoints.some(endpoint => !this.#isNode(endpoint.address));
    }
    // A pod that reaches itself: with its own address as the source, the reply would never leave the pod.
    if (!delivery.endpoints.some(endpoint => endpoint.address === from)) return false;
    return delivery.endpoints.every(endpoint => endpoint.address === from) ? true : 'hairpin';
  }

  #alwaysMasquerades(from: string, route: ProxiedRoute, frontend: Frontend): boolean {
    if (frontend.kind === 'clusterIP') {
      if (this.#node.masqueradeAll) return true;
      const ranges = this.#node.clusterCidrs.filter(range => range.family === route.family);
      return ranges.length > 0 && !this.#isPod(from);
    }
    return route.externalTrafficPolicy === 'Cluster' || this.#isNode(from);
  }

  #isPod(address: string): boolean {
    return this.#node.clusterCidrs.some(range => cidrContains(range, address));
  }

  #isNode(address: string): boolean {
    return this.#node.addresses.includes(address) || isLoopback(address);
  }
}

/**
 * Sources that loadBalancerSourceRanges allow without listing them: if a range contains this node, the Service's own
 * load-balancer addresses, since a node with such an address sends from it (allowFromNode upstream).
 *
 * @param nodeAddresses the first of each family is the primary one
 */
export function allowedLoadBalancers(route: ProxiedRoute, nodeAddresses: readonly string[]): readonly string[] {
  const node = primaryOf(nodeAddresses, route.family);
  if (node === undefined || !route.sourceRanges.some(range => cidrContains(range, node))) return [];
  return route.frontends.flatMap(frontend => (frontend.kind === 'loadBalancer' ? (frontend.address ?? []) : []));
}

function deliveryOf(route: ProxiedRoute, frontend: Frontend, shortCircuit: boolean): Delivery {
  if (frontend.kind === 'clusterIP') return route.internal;
  return shortCircuit ? route.externalFromLocal : route.external;
}

function placeId(address: string, port: number, protocol: Protocol): string {
  return `${hostPort(address, port)}/${protocol}`;
}

function primaryOf(addresses: readonly string[], family: IpFamily): string | undefined {
  return addresses.find(address => familyOf(address) === family);
}
