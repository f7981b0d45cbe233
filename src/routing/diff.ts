import type { Route, RouteChange, RouteKey } from './route.ts';
import { sameRoute } from './table.ts';

/** The changes from one set of routes to another: deletions first, then new and changed routes. */
export function diffRoutes(before: Iterable<Route>, after: Iterable<Route>): RouteChange[] {
  const known = new Map<RouteKey, Route>();
  for (const route of before) known.set(route.key, route);
  const sets: RouteChange[] = [];
  for (const route of after) {
    const previous = known.get(route.key);
    known.delete(route.key);
    if (previous === undefined) sets.push({ type: 'set', route });
    else if (!sameRoute(previous, route)) sets.push({ type: 'set', route, previous });
  }
  const deletions = [...known.values()].map((route): RouteChange => ({ type: 'delete', route }));
  return [...deletions, ...sets];
}
