/**
 * The engine of Switchboard as a library: manifests in, EndpointSlices and routes out. Pure: it reads no file, opens
 * no socket and knows no clock, so it can be used in tests and in CI.
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
import type { ReadOptions } from './kube/fault.ts';
import { type DocumentCache, type Manifest, parseManifest as parse } from './kube/manifest/index.ts';

/**
 * Reads YAML or JSON: any number of documents, `List` kinds flattened, defaults filled in and values validated as the
 * API server of Kubernetes 1.34 does it. Never throws for bad input: what is wrong is in `faults`, with line and
 * column (both from 1) and the field as the API names it. Use nothing of a text that has faults.
 *
 * @param options `primaryFamily` for Services that name no IP family (default IPv4), `defaultNamespace` for objects
 *   that name none (default `default`)
 * @param cache pass the same map again after an edit, and only documents whose text changed are read anew; their
 *   objects keep their identity otherwise
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
export type { Fault, ReadOptions } from './kube/fault.ts';
export type { DocumentCache, Manifest, PlacedFault, PlacedObject, Position } from './kube/manifest/index.ts';
export type * from './kube/objects.ts';
export type { IpFamily, Protocol } from './kube/protocol.ts';
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
