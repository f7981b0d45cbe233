/**
 * The addresses and ports that frontends have in the kernel. Manifests that never met an API server name no cluster IP
 * and no node port; where a range is given, each Service gets one from it that is the same in every run.
 *
 * @module
 */
import ipaddr from 'ipaddr.js';
import type { Cidr } from '../../kube/address.ts';
import type { IpFamily } from '../../kube/protocol.ts';
import { balancersLetIn, type Frontend, type ProxiedRoute } from '../../routing/index.ts';
import { stableHash } from '../stable-hash.ts';

/** A frontend whose address and port are known. */
export type PlacedFrontend =
  | { readonly kind: 'clusterIP' | 'externalIP'; readonly address: string; readonly port: number }
  | {
      readonly kind: 'loadBalancer';
      readonly address: string;
      readonly port: number;
      /** Sources that are let in beside the source ranges. */
      readonly ownSources: readonly string[];
    }
  | { readonly kind: 'nodePort'; readonly port: number };

export interface Placement {
  readonly frontend: Frontend;
  readonly placed?: PlacedFrontend;
  /** Why it has none. */
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

interface Given {
  readonly addresses: Map<IpFamily, string>;
  /** `portName/PROTOCOL` -> node port; one for both families. */
  readonly ports: Map<string, number>;
}

export class Addresses {
  readonly #options: AddressOptions;
  /** By Service. */
  readonly #given = new Map<string, Given>();
  readonly #taken = new Set<string>();
  readonly #takenPorts = new Set<number>();

  constructor(options: AddressOptions) {
    this.#options = options;
  }

  /** Frontends that name their own address are told first: what they have is given to nobody else. */
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

  /** The Service is gone: its addresses may be given to others. */
  release(service: string): void {
    const given = this.#given.get(service);
    if (given === undefined) return;
    this.#given.delete(service);
    for (const address of given.addresses.values()) this.#taken.delete(address);
    for (const port of given.ports.values()) this.#takenPorts.delete(port);
  }

  #givenTo(service: string): Given {
    const known = this.#given.get(service);
    if (known !== undefined) return known;
    const given = { addresses: new Map<IpFamily, string>(), ports: new Map<string, number>() };
    this.#given.set(service, given);
    return given;
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
      placed: { kind, address, port, ownSources: balancersLetIn(route, this.#options.nodeAddresses) },
    };
  }

  #clusterIP({ family, service }: ProxiedRoute): string | undefined {
    const known = this.#given.get(service)?.addresses.get(family);
    if (known !== undefined) return known;
    const range = this.#options.assign.find(candidate => candidate.family === family);
    if (range === undefined) return undefined;
    // The first and the last address of a range belong to nobody; of a large IPv6 range the first 2^24 are plenty.
    const size = 2 ** Math.min((family === 'IPv4' ? 32 : 128) - range.prefix, 24) - 2;
    if (size < 1) return undefined;
    const start = stableHash(`${family} ${service}`) % size;
    for (let i = 0; i < Math.min(size, MOST_TRIES); i++) {
      const address = nth(family, range, 1 + ((start + i) % size));
      if (this.#taken.has(address)) continue;
      this.#givenTo(service).addresses.set(family, address);
      this.#taken.add(address);
      return address;
    }
    return undefined;
  }

  #nodePort({ service, portName, protocol }: ProxiedRoute): number {
    const key = `${portName}/${protocol}`;
    const known = this.#given.get(service)?.ports.get(key);
    if (known !== undefined) return known;
    let at = stableHash(`${service}:${key}`) % NODE_PORTS.size;
    for (let i = 0; i < NODE_PORTS.size && this.#takenPorts.has(NODE_PORTS.first + at); i++) {
      at = (at + 1) % NODE_PORTS.size;
    }
    const port = NODE_PORTS.first + at;
    this.#givenTo(service).ports.set(key, port);
    this.#takenPorts.add(port);
    return port;
  }
}

const MOST_TRIES = 65_536;
const NO_CLUSTER_IP = 'the Service has no clusterIP, and no range is given to take one from';
const NO_BALANCER = 'no load balancer has given the Service an address';

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
