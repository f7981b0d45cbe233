import { hostPort } from '../../kube/address.ts';
import type { Delivery, ProxiedRoute } from '../../routing/index.ts';
import { Affinity } from './affinity.ts';
import { Balancer, type Target } from './balancer.ts';
import type { EndpointBackoff } from './endpoint-backoff.ts';
import type { Settings } from './settings.ts';

/** Which of a route's three deliveries a client falls under. */
export type Side = 'internal' | 'external' | 'externalFromLocal';

/** The endpoints of one route: who may be given what, and who is given the next connection. */
export class Targets {
  readonly #settings: Settings;
  readonly #backoff: EndpointBackoff;
  readonly #balancer: Balancer;
  readonly #affinity = new Affinity();
  readonly #known = new Map<string, Target>();
  #affinityMs: number | undefined;
  #sides: Record<Side, readonly Target[]> = { internal: [], external: [], externalFromLocal: [] };
  #current: ReadonlySet<Target> = new Set();
  /** Endpoints that still answer although they get nothing new: what flows to them may go on. */
  #serving: ReadonlySet<string> = new Set();

  constructor(settings: Settings, backoff: EndpointBackoff) {
    this.#settings = settings;
    this.#backoff = backoff;
    this.#balancer = new Balancer(settings.balance, settings.random);
  }

  update(route: ProxiedRoute): void {
    this.#sides = {
      internal: this.#targetsOf(route.internal),
      external: this.#targetsOf(route.external),
      externalFromLocal: this.#targetsOf(route.externalFromLocal),
    };
    const current = new Set(Object.values(this.#sides).flat());
    // One that comes back after it was taken out gets a fair start.
    for (const target of current) if (!this.#current.has(target)) this.#backoff.succeed(target.id);
    this.#current = current;
    this.#serving = new Set(route.endpoints.filter(e => e.serving).map(e => hostPort(e.address, e.port)));
    // One that has been given something is kept for its counters as long as it is an endpoint or carries anything.
    const listed = new Set(route.endpoints.map(e => hostPort(e.address, e.port)));
    for (const target of this.#known.values()) {
      if (!current.has(target) && !listed.has(target.id) && target.active === 0) this.#known.delete(target.id);
    }
    this.#affinityMs = route.affinityTimeoutSeconds === undefined ? undefined : route.affinityTimeoutSeconds * 1_000;
    if (this.#affinityMs === undefined) this.#affinity.clear();
  }

  all(): Iterable<Target> {
    return this.#known.values();
  }

  /** The target for a new connection or flow, none of those already tried for it; undefined: there is none. */
  choose(side: Side, client: string, tried: readonly Target[]): Target | undefined {
    const targets = this.#sides[side];
    const now = this.#settings.now();
    const quiet = this.#backoff.quiet(now);
    const stuck = this.#stuckTo(targets, client, now);
    if (stuck !== undefined && !tried.includes(stuck) && (quiet || !this.#backoff.ejects(stuck.id, now))) {
      return this.#stick(client, stuck, now);
    }
    if (quiet && tried.length === 0) return this.#stick(client, this.#balancer.choose(targets), now);
    const fresh = (target: Target) => !tried.includes(target);
    const chosen =
      this.#balancer.choose(targets, target => fresh(target) && !this.#backoff.ejects(target.id, now)) ??
      this.#balancer.choose(targets, fresh);
    return this.#stick(client, chosen, now);
  }

  /** Whether a UDP flow may stay where it is (service semantics 8.1: while its endpoint is serving). */
  mayStay(side: Side, target: Target): boolean {
    return this.#sides[side].includes(target) || this.#serving.has(target.id);
  }

  #stuckTo(targets: readonly Target[], client: string, now: number): Target | undefined {
    if (this.#affinityMs === undefined) return undefined;
    const id = this.#affinity.recall(client, this.#affinityMs, now);
    return id === undefined ? undefined : targets.find(target => target.id === id);
  }

  #stick(client: string, target: Target | undefined, now: number): Target | undefined {
    if (this.#affinityMs !== undefined && target !== undefined) {
      this.#affinity.remember(client, target.id, this.#affinityMs, now);
    }
    return target;
  }

  #targetsOf(delivery: Delivery): Target[] {
    if (delivery.kind !== 'endpoints') return [];
    return delivery.endpoints.map(({ address, port }) => {
      const id = hostPort(address, port);
      const known = this.#known.get(id) ?? { id, address, port, active: 0, given: 0 };
      this.#known.set(id, known);
      return known;
    });
  }
}
