/**
 * The API path of each kind, and the selectors of its lists.
 *
 * @module
 */

import { type Kind, LABEL_HEADLESS, LABEL_PROXY_NAME, type RoutingKind } from '../../kube/index.ts';

export interface ApiResource {
  readonly kind: string;
  /** `''` for the core group. */
  readonly group: string;
  readonly version: string;
  /** As in paths and RBAC rules. */
  readonly plural: string;
  readonly namespaced: boolean;
}

/** A resource whose objects routing reads. */
export interface Resource extends ApiResource {
  readonly kind: RoutingKind;
}

function resource(kind: RoutingKind, group: string, plural: string, scope: 'namespaced' | 'cluster'): Resource {
  return { kind, group, version: 'v1', plural, namespaced: scope === 'namespaced' };
}

/** Secrets, and other kinds that only running pods needs, have no entry: no program can request them from a cluster. */
const RESOURCES: Readonly<Record<RoutingKind, Resource>> = {
  Service: resource('Service', '', 'services', 'namespaced'),
  Pod: resource('Pod', '', 'pods', 'namespaced'),
  Endpoints: resource('Endpoints', '', 'endpoints', 'namespaced'),
  ConfigMap: resource('ConfigMap', '', 'configmaps', 'namespaced'),
  Node: resource('Node', '', 'nodes', 'cluster'),
  Namespace: resource('Namespace', '', 'namespaces', 'cluster'),
  EndpointSlice: resource('EndpointSlice', 'discovery.k8s.io', 'endpointslices', 'namespaced'),
  ServiceCIDR: resource('ServiceCIDR', 'networking.k8s.io', 'servicecidrs', 'cluster'),
  Deployment: resource('Deployment', 'apps', 'deployments', 'namespaced'),
  ReplicaSet: resource('ReplicaSet', 'apps', 'replicasets', 'namespaced'),
  StatefulSet: resource('StatefulSet', 'apps', 'statefulsets', 'namespaced'),
  DaemonSet: resource('DaemonSet', 'apps', 'daemonsets', 'namespaced'),
  ReplicationController: resource('ReplicationController', '', 'replicationcontrollers', 'namespaced'),
};

export function resourceOf(kind: RoutingKind): Resource {
  return RESOURCES[kind];
}

/** `v1`, `discovery.k8s.io/v1`: the items of a list do not carry it. */
export function apiVersionOf({ group, version }: ApiResource): string {
  return group === '' ? version : `${group}/${version}`;
}

/** One collection of the API server: a path and its selectors. */
export interface Collection {
  readonly resource: Resource;
  readonly path: string;
  readonly selectors: Readonly<Record<string, string>>;
}

export interface Scope {
  /** undefined: all namespaces. Does not affect cluster-scoped kinds. */
  readonly namespace?: string | undefined;
  /** The only Node to read; undefined: all. */
  readonly node?: string | undefined;
  /** Excludes what a proxy does not handle: headless Services, and those of another proxy. */
  readonly proxied: boolean;
}

const NOT_HEADLESS = `!${LABEL_HEADLESS}`;

/** Selects on the server, so that objects that nothing here reads are neither sent nor stored. */
export function collectionOf(kind: Kind, scope: Scope): Collection {
  if (!isRoutingKind(kind)) throw new TypeError(`objects of kind ${kind} are not read from clusters`);
  const found = resourceOf(kind);
  return { resource: found, path: pathOf(found, scope.namespace), selectors: selectorsOf(kind, scope) };
}

function isRoutingKind(kind: Kind): kind is RoutingKind {
  return Object.hasOwn(RESOURCES, kind);
}

/** @param namespace undefined: all */
export function pathOf({ group, version, namespaced, plural }: ApiResource, namespace: string | undefined): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const within = namespaced && namespace !== undefined ? `/namespaces/${namespace}` : '';
  return `${root}${within}/${plural}`;
}

function selectorsOf(kind: RoutingKind, { node, proxied }: Scope): Readonly<Record<string, string>> {
  if (kind === 'Node' && node !== undefined) return { fieldSelector: `metadata.name=${node}` };
  if (!proxied) return {};
  if (kind === 'Service') return { labelSelector: `!${LABEL_PROXY_NAME},${NOT_HEADLESS}` };
  return kind === 'EndpointSlice' ? { labelSelector: NOT_HEADLESS } : {};
}
