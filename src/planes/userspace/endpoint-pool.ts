import { hostPort } from '../../net/index.ts';
import type { Delivery, ProxiedRoute } from '../../routing/index.ts';
import { Affinity } from './affinity.ts';
import { Balancer, type PoolEndpoint } from './balancer.ts';
import type { EndpointBackoff } from './endpoint-backoff.ts';
import type { ResolvedOptions } from './options.ts';

/** Which of a route's three deliveries applies to a client. */
export type TrafficKind = 'internal' | 'external' | 'externalFromLocal';

/** The endpoints of one route: which may receive which traffic, and which gets the next connection. */
export class EndpointPool {
  readonly #options: ResolvedOptions;
  readonly #backoff: EndpointBackoff;
  readonly #balancer: Balancer;
  readonly #affinity = new Affinity();
  readonly #known = new Map<string, PoolEndpoint>();
  #affinityMs: number | undefined;
  #byKind: Record<TrafficKind, readonly PoolEndpoint[]> = { internal: [], external: [], externalFromLocal: [] };
  #current: ReadonlySet<PoolEndpoint> = new Set();
  /** Endpoints that are serving, also those that get no new traffic: existing flows to them may go on. */
  #serving: ReadonlySet<string> = new Set();

  constructor(options: ResolvedOptions, backoff: EndpointBackoff) {
    this.#options = options;
    this.#backoff = backoff;
    this.#balancer = new Balancer(options.balance, options.random);
  }

  update(route: ProxiedRoute): void {
    this.#byKind = {
      internal: this.#poolEndpoints(route.internal),
      external: this.#poolEndpoints(route.external),
      externalFromLocal: this.#poolEndpoints(route.externalFromLocal),
    };
    const current = new Set(Object.values(this.#byKind).flat());
    // An endpoint that returns after its removal starts without a backoff.
    for (const endpoint of current) if (!this.#current.has(endpoint)) this.#backoff.succeed(endpoint.id);
    this.#current = current;
    this.#serving = new Set(route.endpoints.filter(e => e.serving).map(e => hostPort(e.address, e.port)));
    // An endpoint is kept for its counters while it is listed or has open connections.
    const listed = new Set(route.endpoints.map(e => hostPort(e.address, e.port)));
    for (const endpoint of this.#known.values()) {
      if (!current.has(endpoint) && !listed.has(endpoint.id) && endpoint.active === 0) this.#known.delete(endpoint.id);
    }
    this.#affinityMs = route.affinityTimeoutSeconds === undefined ? undefined : route.affinityTimeoutSeconds * 1_000;
    if (this.#affinityMs === undefined) this.#affinity.clear();
  }

  all(): Iterable<PoolEndpoint> {
    return this.#known.values();
  }

  /** The endpoint for a new connection or flow, except those already tried for it; undefined: none. */
  choose(kind: TrafficKind, client: string, tried: readonly PoolEndpoint[]): PoolEndpoint | undefined {
    const endpoints = this.#byKind[kind];
    const now = this.#options.now();
    const quiet = this.#backoff.quiet(now);
    const previous = this.#previousOf(endpoints, client, now);
    if (previous !== undefined && !tried.includes(previous) && (quiet || !this.#backoff.ejects(previous.id, now))) {
      return this.#remember(client, previous, now);
    }
    if (quiet && tried.length === 0) return this.#remember(client, this.#balancer.choose(endpoints), now);
    const fresh = (endpoint: PoolEndpoint) => !tried.includes(endpoint);
    const chosen =
      this.#balancer.choose(endpoints, endpoint => fresh(endpoint) && !this.#backoff.ejects(endpoint.id, now)) ??
      this.#balancer.choose(endpoints, fresh);
    return this.#remember(client, chosen, now);
  }

  /** Whether a UDP flow may stay on its endpoint: while that is serving (service semantics 8.1). */
  mayStay(kind: TrafficKind, endpoint: PoolEndpoint): boolean {
    return this.#byKind[kind].includes(endpoint) || this.#serving.has(endpoint.id);
  }

  #previousOf(endpoints: readonly PoolEndpoint[], client: string, now: number): PoolEndpoint | undefined {
    if (this.#affinityMs === undefined) return undefined;
    const id = this.#affinity.recall(client, this.#affinityMs, now);
    return id === undefined ? undefined : endpoints.find(endpoint => endpoint.id === id);
  }

  #remember(client: string, endpoint: PoolEndpoint | undefined, now: number): PoolEndpoint | undefined {
    if (this.#affinityMs !== undefined && endpoint !== undefined) {
      this.#affinity.remember(client, endpoint.id, this.#affinityMs, now);
    }
    return endpoint;
  }

  #poolEndpoints(delivery: Delivery): PoolEndpoint[] {
    if (delivery.kind !== 'endpoints') return [];
    return delivery.endpoints.map(({ address, port }) => {
      const id = hostPort(address, port);
      const known = this.#known.get(id) ?? { id, address, port, active: 0, connectionsTotal: 0 };
      this.#known.set(id, known);
      return known;
    });
  }
}
