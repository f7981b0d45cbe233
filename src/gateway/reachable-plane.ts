import { hostPort, type SocketAddress } from '../net/index.ts';
import { type ApplyReport, failedReport, type Listener, type Plane, type RouteTraffic } from '../planes/index.ts';
import type { Delivery, Route, RouteChange, RouteEndpoint } from '../routing/index.ts';

/** Returns where the plane reaches an endpoint; undefined: at the endpoint's own address. */
export type Reach = (endpoint: RouteEndpoint, route: Route) => Promise<SocketAddress | undefined>;

/** A plane in a network from which some endpoints have other addresses than their own. Routes outside never know. */
export class ReachablePlane implements Plane {
  readonly name: string;
  readonly #plane: Plane;
  readonly #reach: Reach;
  /** The plane must find the same `previous` that it got before. */
  readonly #reached = new WeakMap<Route, Route>();

  constructor(plane: Plane, reach: Reach) {
    this.name = plane.name;
    this.#plane = plane;
    this.#reach = reach;
  }

  async apply(changes: readonly RouteChange[]): Promise<ApplyReport> {
    const reached: RouteChange[] = [];
    try {
      for (const change of changes) reached.push(await this.#change(change));
    } catch (error) {
      return failedReport(changes, error);
    }
    const { outcomes, ...rest } = await this.#plane.apply(reached);
    // The report names the changes that the caller made.
    const own = outcomes.map((outcome, index) => ({ ...outcome, change: changes[index] ?? outcome.change }));
    return { ...rest, outcomes: own };
  }

  observe(): Promise<readonly Listener[]> {
    return this.#plane.observe();
  }

  traffic(): readonly RouteTraffic[] {
    return this.#plane.traffic();
  }

  close(options: { readonly drainMs: number }): Promise<void> {
    return this.#plane.close(options);
  }

  async #change(change: RouteChange): Promise<RouteChange> {
    const route = await this.#route(change.route);
    if (change.type === 'delete' || change.previous === undefined) return { ...change, route };
    return { ...change, route, previous: await this.#route(change.previous) };
  }

  async #route(route: Route): Promise<Route> {
    const known = this.#reached.get(route);
    if (known !== undefined) return known;
    const reached = await this.#translate(route);
    this.#reached.set(route, reached);
    return reached;
  }

  async #translate(route: Route): Promise<Route> {
    const places = new Map<string, SocketAddress | undefined>();
    for (const endpoint of route.endpoints) places.set(placeOf(endpoint), await this.#reach(endpoint, route));
    const translated = (endpoint: RouteEndpoint): RouteEndpoint => {
      const place = places.get(placeOf(endpoint));
      return place === undefined ? endpoint : { ...endpoint, address: place.address, port: place.port };
    };
    const endpoints = route.endpoints.map(translated);
    if (endpoints.every((endpoint, index) => endpoint === route.endpoints[index])) return route;
    if (route.kind !== 'proxied') return { ...route, endpoints };
    const deliver = (delivery: Delivery): Delivery =>
      delivery.kind === 'endpoints' ? { kind: 'endpoints', endpoints: delivery.endpoints.map(translated) } : delivery;
    const { internal, external, externalFromLocal } = route;
    return {
      ...route,
      endpoints,
      internal: deliver(internal),
      external: deliver(external),
      externalFromLocal: deliver(externalFromLocal),
    };
  }
}

function placeOf({ address, port }: RouteEndpoint): string {
  return hostPort(address, port);
}
