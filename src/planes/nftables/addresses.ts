/**
 * The addresses and ports that frontends have in the kernel. Plain manifests name no cluster IP
 * and no node port. Where a range is given, each Service gets an address from it, the same in every run.
 *
 * @module
 */
import ipaddr from 'ipaddr.js';
import type { Cidr, IpFamily } from '../../net/index.ts';
import { allowedLoadBalancers, type Frontend, type ProxiedRoute } from '../../routing/index.ts';
import { stableHash } from '../stable-hash.ts';

/** A frontend whose address and port are known. */
export type PlacedFrontend =
  | { readonly kind: 'clusterIP' | 'externalIP'; readonly address: string; readonly port: number }
  | {
      readonly kind: 'loadBalancer';
      readonly address: string;
      readonly port: number;
      /** Sources that are allowed in addition to the source ranges. */
      readonly ownSources: readonly string[];
    }
  | { readonly kind: 'nodePort'; readonly port: number };

export interface Placement {
  readonly frontend: Frontend;
  readonly placed?: PlacedFrontend;
  /** Why the frontend has no address. */
  readonly failed?: string;
}

export interface AddressOptions {
  /** Of this node; the first of each family is its primary one. */
  readonly nodeAddresses: readonly string[];
  /** Ranges to give cluster IPs from. */
  readonly assign: readonly Cidr[];
}

/** The API server's default range of node ports. */
const NODE_PORTS = { first: 30_000, size: 2_768 };

interface Assigned {
  readonly addresses: Map<IpFamily, string>;
  /** `portName/PROTOCOL` -> node port; one for both families. */
  readonly ports: Map<string, number>;
}

export class Addresses {
  readonly #options: AddressOptions;
  /** By Service. */
  readonly #assigned = new Map<string, Assigned>();
  readonly #taken = new Set<string>();
  readonly #takenPorts = new Set<number>();

  constructor(options: AddressOptions) {
    this.#options = options;
  }

  /** Reserves the addresses and ports that the route names. Called for all routes of a batch before any is placed. */
  reserve(route: ProxiedRoute): void {
    for (const frontend of route.frontends) {
      if (frontend.kind === 'nodePort') {
        if (frontend.port !== undefined) this.#takenPorts.add(frontend.port);
      } else if (frontend.kind === 'clusterIP' && frontend.address !== undefined) this.#taken.add(frontend.address);
    }
  }

  place(route: ProxiedRoute): Placement[] {
    return route.frontends.map(frontend => this.#place(route, frontend));
  }

  /** Frees the addresses of a Service that is gone. */
  release(service: string): void {
    const assigned = this.#assigned.get(service);
    if (assigned === undefined) return;
    this.#assigned.delete(service);
    for (const address of assigned.addresses.values()) this.#taken.delete(address);
    for (const port of assigned.ports.values()) this.#takenPorts.delete(port);
  }

  #assignedTo(service: string): Assigned {
    const known = this.#assigned.get(service);
    if (known !== undefined) return known;
    const assigned = { addresses: new Map<IpFamily, string>(), ports: new Map<string, number>() };
    this.#assigned.set(service, assigned);
    return assigned;
  }

  #place(route: ProxiedRoute, frontend: Frontend): Placement {
    if (frontend.kind === 'nodePort') {
      return { frontend, placed: { kind: 'nodePort', port: frontend.port ?? this.#nodePort(route) } };
    }
    const { kind, port } = frontend;
    const address = frontend.address ?? (kind === 'clusterIP' ? this.#clusterIP(route) : undefined);
    if (address === undefined) return { frontend, failed: kind === 'clusterIP' ? NO_CLUSTER_IP : NO_BALANCER };
    if (kind !== 'loadBalancer') return { frontend, placed: { kind, address, port } };
    return {
      frontend,
      placed: { kind, address, port, ownSources: allowedLoadBalancers(route, this.#options.nodeAddresses) },
    };
  }

  #clusterIP({ family, service }: ProxiedRoute): string | undefined {
    const known = this.#assigned.get(service)?.addresses.get(family);
    if (known !== undefined) return known;
    const range = this.#options.assign.find(candidate => candidate.family === family);
    if (range === undefined) return undefined;
    // The first and the last address of a range are not assigned; the first 2^24 of a large IPv6 range are enough.
    const size = 2 ** Math.min((family === 'IPv4' ? 32 : 128) - range.prefix, 24) - 2;
    if (size < 1) return undefined;
    const start = stableHash(`${family} ${service}`) % size;
    for (let i = 0; i < Math.min(size, MAX_TRIES); i++) {
      const address = nth(family, range, 1 + ((start + i) % size));
      if (this.#taken.has(address)) continue;
      this.#assignedTo(service).addresses.set(family, address);
      this.#taken.add(address);
      return address;
    }
    return undefined;
  }

  #nodePort({ service, portName, protocol }: ProxiedRoute): number {
    const key = `${portName}/${protocol}`;
    const known = this.#assigned.get(service)?.ports.get(key);
    if (known !== undefined) return known;
    let at = stableHash(`${service}:${key}`) % NODE_PORTS.size;
    for (let i = 0; i < NODE_PORTS.size && this.#takenPorts.has(NODE_PORTS.first + at); i++) {
      at = (at + 1) % NODE_PORTS.size;
    }
    const port = NODE_PORTS.first + at;
    this.#assignedTo(service).ports.set(key, port);
    this.#takenPorts.add(port);
    return port;
  }
}

const MAX_TRIES = 65_536;
const NO_CLUSTER_IP = 'the Service has no clusterIP, and there is no range to assign one from: set --service-cidr';
const NO_BALANCER = 'the Service has no load-balancer address: status.loadBalancer.ingress is empty';

function nth(family: IpFamily, range: Cidr, offset: number): string {
  const bytes = ipaddr.parse(range.network).toByteArray();
  let carry = offset;
  for (let i = bytes.length - 1; i >= 0 && carry > 0; i--) {
    carry += bytes[i] ?? 0;
    bytes[i] = carry % 256;
    carry = Math.floor(carry / 256);
  }
  const address = ipaddr.fromByteArray(bytes);
  return family === 'IPv6' && address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}
