import { sameData } from '../data/index.ts';
import { serviceEndpoints } from '../endpoints/index.ts';
import { keyOf, type ObjectKey } from '../kube/index.ts';
import type { ObjectStore } from '../world/index.ts';
import { FrontendClaims } from './claims.ts';
import { compileService } from './compile.ts';
import type { Route, RouteChange, RouteKey } from './route.ts';
import type { NodeContext } from './topology.ts';

/**
 * All routes. An update compiles only the Services that were touched, and those that compete with them for a frontend. The
 * result depends on the objects and not on the order in which they came.
 */
export class RouteTable {
  /** The objects, which the table only reads. */
  readonly store: ObjectStore;
  #node: NodeContext;
  readonly #claims = new FrontendClaims();
  /** Routes before contested frontends are resolved. */
  readonly #compiled = new Map<ObjectKey, readonly Route[]>();
  readonly #resolved = new Map<ObjectKey, readonly Route[]>();

  constructor(store: ObjectStore, node: NodeContext = {}) {
    this.store = store;
    this.#node = node;
  }

  /**
   * Recompiles Services whose objects have changed.
   *
   * @param touched what `World.apply` has returned
   * @returns the routes that differ, deletions first
   */
  update(touched: ReadonlySet<ObjectKey>): RouteChange[] {
    return this.#recompile(new Set(touched));
  }

  /** Sets the node or its zone and recompiles everything. @returns the routes that differ */
  setNode(node: NodeContext): RouteChange[] {
    this.#node = node;
    return this.#recompile(new Set([...this.store.services()].map(service => keyOf(service.meta))));
  }

  #recompile(touched: Set<ObjectKey>): RouteChange[] {
    const rivals = new Set<ObjectKey>();
    for (const key of touched) this.#compile(key, rivals);
    for (const rival of rivals) touched.add(rival);
    const deletions: RouteChange[] = [];
    const sets: RouteChange[] = [];
    for (const key of touched) this.#resolve(key, deletions, sets);
    return [...deletions, ...sets];
  }

  *routes(): Generator<Route> {
    for (const routes of this.#resolved.values()) yield* routes;
  }

  routesOf(service: ObjectKey): readonly Route[] {
    return this.#resolved.get(service) ?? [];
  }

  #compile(key: ObjectKey, rivals: Set<ObjectKey>): void {
    for (const route of this.#compiled.get(key) ?? []) {
      if (route.kind === 'proxied') for (const rival of this.#claims.remove(route)) rivals.add(rival);
    }
    const service = this.store.service(key);
    if (service === undefined) {
      this.#compiled.delete(key);
      return;
    }
    const routes = compileService(service, serviceEndpoints(service, this.store), this.#node);
    for (const route of routes) {
      if (route.kind === 'proxied') for (const rival of this.#claims.add(route, service)) rivals.add(rival);
    }
    this.#compiled.set(key, routes);
  }

  #resolve(key: ObjectKey, deletions: RouteChange[], sets: RouteChange[]): void {
    const compiled = this.#compiled.get(key) ?? [];
    const before = this.#resolved.get(key) ?? [];
    const after = compiled.map(route => (route.kind === 'proxied' ? this.#claims.resolve(route) : route));
    const known = new Map<RouteKey, Route>(before.map(route => [route.key, route]));
    const kept = after.map(route => {
      const previous = known.get(route.key);
      known.delete(route.key);
      if (previous !== undefined && sameRoute(previous, route)) return previous;
      sets.push({ type: 'set', route, ...(previous === undefined ? {} : { previous }) });
      return route;
    });
    for (const gone of known.values()) deletions.push({ type: 'delete', route: gone });
    if (kept.length === 0) this.#resolved.delete(key);
    else this.#resolved.set(key, kept);
  }
}

/** Whether two routes are equal. The order of endpoints counts, since it is the same for the same objects. */
export function sameRoute(a: Route, b: Route): boolean {
  return sameData(a, b);
}
