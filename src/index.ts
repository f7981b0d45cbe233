/**
 * The engine of Switchboard as a library: manifests in, EndpointSlices and routes out. Pure: no files, sockets or clock,
 * so you can use it in tests and in CI.
 *
 * ```ts
 * import { parseManifest, RouteTable, routeState, World } from 'kube-switchboard';
 *
 * const { objects, faults } = parseManifest(yaml);
 * const world = new World();
 * const table = new RouteTable(world.store);
 * table.update(world.apply(objects.map(({ object }) => ({ type: 'set', object }))));
 * for (const route of table.routes()) console.log(route.key, routeState(route));
 * ```
 *
 * @module
 */
import type { ReadOptions } from './kube/index.ts';
import { type DocumentCache, type Manifest, parseManifest as parse } from './kube/manifest/index.ts';

/**
 * Parses YAML or JSON with any number of documents, flattens `List` kinds, fills in defaults and validates as the API
 * server of Kubernetes 1.37 does. Never throws for bad input: `faults` lists what is wrong, with line and column (from 1)
 * and the field as the API names it. Do not use the objects of a text that has faults.
 *
 * @param options `primaryFamily` for Services that name no IP family (default IPv4), `defaultNamespace` for objects
 *   that name none (default `default`), `run` to also read what only running pods needs (default false)
 * @param cache pass the same map after an edit to parse only the changed documents; the objects of the others keep their
 *   identity
 */
export function parseManifest(text: string, options: Partial<ReadOptions> = {}, cache?: DocumentCache): Manifest {
  return parse(text, { primaryFamily: 'IPv4', defaultNamespace: 'default', ...options }, cache);
}

export {
  type EndpointsOrigin,
  type MadeSlices,
  makeSlices,
  mirrorEndpoints,
  type Nodes,
  resolveTargetPort,
  type ServiceEndpoints,
  type SkippedPod,
  serviceEndpoints,
} from './endpoints/index.ts';
export { ERROR_CODES, type ErrorCode, SwitchboardError } from './errors.ts';
export { stateReason } from './explain/words/index.ts';
export type * from './kube/index.ts';
export type { Fault, ReadOptions } from './kube/index.ts';
export type { DocumentCache, Manifest, PlacedFault, PlacedObject, Position } from './kube/manifest/index.ts';
export type { IpFamily, Protocol } from './net/index.ts';
export {
  type Delivery,
  diffRoutes,
  type ExclusionReason,
  type Frontend,
  type NodeContext,
  type ProxiedRoute,
  type Route,
  type RouteChange,
  type RouteEndpoint,
  type RouteState,
  RouteTable,
  routeKey,
  routeState,
} from './routing/index.ts';
export { ObjectStore, type StoreListener, World } from './world/index.ts';
