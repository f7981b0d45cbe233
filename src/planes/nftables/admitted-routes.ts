import type { ProxiedRoute, RouteChange, RouteKey } from '../../routing/index.ts';
import { Addresses, type AddressOptions, type PlacedFrontend, type Placement } from './addresses.ts';

/** The state of a route before a batch; `route` is undefined if the route did not exist. */
interface Remembered {
  readonly key: RouteKey;
  readonly service: string;
  readonly route: ProxiedRoute | undefined;
  readonly placements: readonly Placement[] | undefined;
}

/** The routes of a plane, with the addresses and ports of their frontends in the kernel. */
export class AdmittedRoutes {
  readonly #addresses: Addresses;
  readonly #routes = new Map<RouteKey, ProxiedRoute>();
  readonly #placements = new Map<RouteKey, readonly Placement[]>();
  /** The number of routes of each Service. Its addresses are freed with the last one. */
  readonly #routesOf = new Map<string, number>();

  constructor(options: AddressOptions) {
    this.#addresses = new Addresses(options);
  }

  all(): IterableIterator<ProxiedRoute> {
    return this.#routes.values();
  }

  get(key: RouteKey): ProxiedRoute | undefined {
    return this.#routes.get(key);
  }

  placementsOf(key: RouteKey): readonly Placement[] {
    return this.#placements.get(key) ?? [];
  }

  frontendsOf(key: RouteKey): PlacedFrontend[] {
    return this.placementsOf(key).flatMap(({ placed }) => placed ?? []);
  }

  /** Adds or replaces the routes that the changes set. @returns a function that undoes it, for a batch that fails */
  admit(changes: readonly RouteChange[]): () => void {
    const remembered = changes.map(
      ({ route: { key, service } }): Remembered => ({
        key,
        service,
        route: this.#routes.get(key),
        placements: this.#placements.get(key),
      }),
    );
    const undo = () => this.#restore(remembered);
    try {
      this.#admit(changes.flatMap(({ type, route }) => (type === 'set' && route.kind === 'proxied' ? [route] : [])));
    } catch (error) {
      undo();
      throw error;
    }
    return undo;
  }

  forget(key: RouteKey): void {
    const route = this.#routes.get(key);
    if (route === undefined) return;
    this.#routes.delete(key);
    this.#placements.delete(key);
    const left = (this.#routesOf.get(route.service) ?? 1) - 1;
    if (left > 0) this.#routesOf.set(route.service, left);
    else {
      this.#routesOf.delete(route.service);
      this.#addresses.release(route.service);
    }
  }

  #admit(routes: readonly ProxiedRoute[]): void {
    for (const route of routes) this.#addresses.reserve(route);
    for (const route of routes) {
      if (!this.#routes.has(route.key)) {
        this.#routesOf.set(route.service, (this.#routesOf.get(route.service) ?? 0) + 1);
      }
      this.#routes.set(route.key, route);
      this.#placements.set(route.key, this.#addresses.place(route));
    }
  }

  #restore(remembered: readonly Remembered[]): void {
    for (const { key, service, route, placements } of remembered) {
      if (route === undefined) {
        if (this.#routes.has(key)) this.forget(key);
        // Placing may have assigned addresses to the Service before it failed.
        else if (!this.#routesOf.has(service)) this.#addresses.release(service);
      } else {
        this.#routes.set(key, route);
        if (placements === undefined) this.#placements.delete(key);
        else this.#placements.set(key, placements);
      }
    }
  }
}
