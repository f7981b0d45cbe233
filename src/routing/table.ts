import { serviceEndpoints } from '../endpoints/index.ts';
import { keyOf, type ObjectKey } from '../kube/objects.ts';
import { sameData } from '../kube/same-data.ts';
import type { ObjectStore } from '../world/index.ts';
import { FrontendClaims } from './claims.ts';
import { compileService } from './compile.ts';
import type { Route, RouteChange, RouteKey } from './route.ts';
import type { NodeContext } from './topology.ts';

/**
 * All routes, kept up to date event by event. An event compiles only the Services that it touches, and those that
 * compete with them for a frontend; the result depends on the objects and never on the order in which they came.
 */
export class RouteTable {
  /** The objects that the routes are made of; the table only reads them. */
  readonly store: ObjectStore;
  #node: NodeContext;
  readonly #claims = new FrontendClaims();
  /** As compiled, before it is settled who has a contested frontend. */
  readonly #compiled = new Map<ObjectKey, readonly Route[]>();
  readonly #settled = new Map<ObjectKey, readonly Route[]>();

  constructor(store: ObjectStore, node: NodeContext = {}) {
    this.store = store;
    this.#node = node;
  }

  /** @param touched the Services whose objects have changed, as `World.apply` returns them @returns the routes that differ from before, deletions first */
  update(touched: ReadonlySet<ObjectKey>): RouteChange[] {
    return this.#recompile(new Set(touched));
  }

  /** Another node, or another zone of it: everything is compiled anew. Gives the routes that differ. */
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
    for (const key of touched) this.#settle(key, deletions, sets);
    return [...deletions, ...sets];
  }

  *routes(): Generator<Route> {
    for (const routes of this.#settled.values()) yield* routes;
  }

  routesOf(service: ObjectKey): readonly Route[] {
    return this.#settled.get(service) ?? [];
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

  #settle(key: ObjectKey, deletions: RouteChange[], sets: RouteChange[]): void {
    const compiled = this.#compiled.get(key) ?? [];
    const before = this.#settled.get(key) ?? [];
    const after = compiled.map(route => (route.kind === 'proxied' ? this.#claims.settle(route) : route));
    const known = new Map<RouteKey, Route>(before.map(route => [route.key, route]));
    const kept = after.map(route => {
      const previous = known.get(route.key);
      known.delete(route.key);
      if (previous !== undefined && sameRoute(previous, route)) return previous;
      sets.push({ type: 'set', route, ...(previous === undefined ? {} : { previous }) });
      return route;
    });
    for (const gone of known.values()) deletions.push({ type: 'delete', route: gone });
    if (kept.length === 0) this.#settled.delete(key);
    else this.#settled.set(key, kept);
  }
}

/** Whether two routes say the same; the order of their endpoints counts, since it is the same for the same objects. */
export function sameRoute(a: Route, b: Route): boolean {
  return sameData(a, b);
}
