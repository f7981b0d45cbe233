/**
 * What one packet would meet on a node: which frontend it dials, which endpoints it may reach, whether its source is
 * rewritten. The rules are kube-proxy's in nftables mode (Kubernetes 1.34, `pkg/proxy/nftables/proxier.go`); planes
 * that carry packets and `explain` read them here.
 *
 * @module
 */
import { type Cidr, cidrContains, familyOf, hostPort } from '../kube/address.ts';
import type { IpFamily, Protocol } from '../kube/protocol.ts';
import { isLoopback, nodePortAddressesOf } from './node-ports.ts';
import type { Delivery, Frontend, ProxiedRoute, Route } from './route.ts';

/** What is known of the node that the packet meets, beside its name and zone, which the routes were compiled for. */
export interface DialNode {
  /** Canonical; the first of each family is the primary one. */
  readonly addresses: readonly string[];
  /** Which of them take node ports; none given: the primary ones. */
  readonly nodePortAddresses: readonly Cidr[];
  /** Sources in these are pods of the cluster; none given: nobody tells pods from others. */
  readonly clusterCidrs: readonly Cidr[];
  readonly masqueradeAll: boolean;
  /** Ranges of the cluster's ServiceCIDR objects. */
  readonly serviceCidrs: readonly Cidr[];
}

export interface Dial {
  /** Canonical. */
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** Why a dial ends as it does, in a word that texts are made from. */
export type DialReason =
  | 'delivered'
  | 'no-endpoints'
  | 'none-on-this-node'
  | 'source-range'
  | 'unclaimed-port'
  | 'unclaimed-address'
  | 'not-a-frontend';

export interface DialResult {
  readonly outcome: 'endpoints' | 'reject' | 'drop' | 'none';
  readonly reason: DialReason;
  /** `address:port`, sorted; empty unless the outcome is `endpoints`. */
  readonly endpoints: readonly string[];
  /** `hairpin`: only if the source is the endpoint that is chosen among several. */
  readonly masquerade: boolean | 'hairpin';
  readonly route?: ProxiedRoute;
  readonly frontend?: Frontend;
  /** A source that gets the cluster-wide endpoints of an external frontend in spite of externalTrafficPolicy Local. */
  readonly shortCut?: boolean;
}

/** Frontends by what a client dials, for many dials against the same routes. */
export class Dialler {
  readonly #node: DialNode;
  readonly #byAddress = new Map<string, { route: ProxiedRoute; frontend: Frontend }>();
  readonly #byNodePort = new Map<string, { route: ProxiedRoute; frontend: Frontend }>();
  readonly #clusterIPs = new Set<string>();

  constructor(routes: Iterable<Route>, node: DialNode) {
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

  dial(dial: Dial): DialResult {
    const found = this.#find(dial);
    if (found === undefined) return this.#unclaimed(dial.to);
    const { route, frontend } = found;
    const common = { route, frontend };
    if (frontend.kind === 'loadBalancer' && !this.#admitted(dial.from, route)) {
      return { outcome: 'drop', reason: 'source-range', endpoints: [], masquerade: false, ...common };
    }
    const fromNode = this.#isNode(dial.from);
    const shortCut =
      frontend.kind !== 'clusterIP' && route.externalTrafficPolicy === 'Local' && (fromNode || this.#isPod(dial.from));
    const delivery = deliveryOf(route, frontend, shortCut);
    if (delivery.kind !== 'endpoints') {
      const reason = delivery.kind === 'reject' ? 'no-endpoints' : 'none-on-this-node';
      return { outcome: delivery.kind, reason, endpoints: [], masquerade: false, ...common };
    }
    return {
      outcome: 'endpoints',
      reason: 'delivered',
      endpoints: delivery.endpoints.map(endpoint => hostPort(endpoint.address, endpoint.port)).sort(),
      masquerade: this.#masquerade(dial.from, route, frontend, delivery),
      ...common,
      ...(shortCut ? { shortCut } : {}),
    };
  }

  /** Service addresses are looked up before node ports, so that one of a node's own addresses can be an external IP. */
  #find({ to, port, protocol }: Dial) {
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

  /** A known cluster IP refuses what no Service port claims; a free address of the service range swallows it. */
  #unclaimed(to: string): DialResult {
    const nothing = { endpoints: [], masquerade: false } as const;
    if (this.#clusterIPs.has(to)) return { outcome: 'reject', reason: 'unclaimed-port', ...nothing };
    if (this.#node.serviceCidrs.some(range => cidrContains(range, to))) {
      return { outcome: 'drop', reason: 'unclaimed-address', ...nothing };
    }
    return { outcome: 'none', reason: 'not-a-frontend', ...nothing };
  }

  #admitted(from: string, route: ProxiedRoute): boolean {
    const { sourceRanges } = route;
    if (sourceRanges.length === 0 || sourceRanges.some(range => cidrContains(range, from))) return true;
    return balancersLetIn(route, this.#node.addresses).includes(from);
  }

  #masquerade(
    from: string,
    route: ProxiedRoute,
    frontend: Frontend,
    delivery: Extract<Delivery, { kind: 'endpoints' }>,
  ): boolean | 'hairpin' {
    if (this.#always(from, route, frontend)) {
      // What goes to the node itself is delivered and not sent on, and only what is sent on is masqueraded.
      return this.#isNode(from) || delivery.endpoints.some(endpoint => !this.#isNode(endpoint.address));
    }
    // A pod that reaches itself: without another source address its answer would never leave it.
    if (!delivery.endpoints.some(endpoint => endpoint.address === from)) return false;
    return delivery.endpoints.every(endpoint => endpoint.address === from) ? true : 'hairpin';
  }

  #always(from: string, route: ProxiedRoute, frontend: Frontend): boolean {
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
 * Sources that pass loadBalancerSourceRanges without being in one: where a range holds this node, the Service's own
 * load-balancer addresses, since a node that has such an address sends from it (allowFromNode upstream).
 *
 * @param nodeAddresses the first of each family is the primary one
 */
export function balancersLetIn(route: ProxiedRoute, nodeAddresses: readonly string[]): readonly string[] {
  const node = primaryOf(nodeAddresses, route.family);
  if (node === undefined || !route.sourceRanges.some(range => cidrContains(range, node))) return [];
  return route.frontends.flatMap(frontend => (frontend.kind === 'loadBalancer' ? (frontend.address ?? []) : []));
}

function deliveryOf(route: ProxiedRoute, frontend: Frontend, shortCut: boolean): Delivery {
  if (frontend.kind === 'clusterIP') return route.internal;
  return shortCut ? route.externalFromLocal : route.external;
}

function placeId(address: string, port: number, protocol: Protocol): string {
  return `${hostPort(address, port)}/${protocol}`;
}

function primaryOf(addresses: readonly string[], family: IpFamily): string | undefined {
  return addresses.find(address => familyOf(address) === family);
}
