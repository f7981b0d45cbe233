/**
 * Where each kind stands in the API, and which of its objects a list asks for.
 *
 * @module
 */
import { LABEL_HEADLESS, LABEL_PROXY_NAME } from '../../kube/names.ts';
import type { Kind } from '../../kube/objects.ts';

export interface ApiResource {
  readonly kind: string;
  /** `''` for the core group. */
  readonly group: string;
  readonly version: string;
  /** The plural of paths and of RBAC rules. */
  readonly plural: string;
  readonly namespaced: boolean;
}

/** A resource whose objects routing reads. */
export interface Resource extends ApiResource {
  readonly kind: Kind;
}

function resource(kind: Kind, group: string, plural: string, scope: 'namespaced' | 'cluster'): Resource {
  return { kind, group, version: 'v1', plural, namespaced: scope === 'namespaced' };
}

const RESOURCES: Readonly<Record<Kind, Resource>> = {
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
};

export function resourceOf(kind: Kind): Resource {
  return RESOURCES[kind];
}

/** `v1`, `discovery.k8s.io/v1`: the items of a list do not say it themselves. */
export function apiVersionOf({ group, version }: ApiResource): string {
  return group === '' ? version : `${group}/${version}`;
}

/** One collection of the API server: a path and the selectors that go with it. */
export interface Collection {
  readonly resource: Resource;
  readonly path: string;
  readonly selectors: Readonly<Record<string, string>>;
}

export interface Scope {
  /** undefined: all namespaces. Kinds without a namespace are not concerned. */
  readonly namespace?: string | undefined;
  /** The one Node to see; undefined: all of them. */
  readonly node?: string | undefined;
  /** Leaves out what a proxy leaves alone: headless Services, and those of another proxy. */
  readonly proxied: boolean;
}

const NOT_HEADLESS = `!${LABEL_HEADLESS}`;

/** The server selects, so that what nobody here reads is neither sent nor kept. */
export function collectionOf(kind: Kind, scope: Scope): Collection {
  const found = resourceOf(kind);
  return { resource: found, path: pathOf(found, scope.namespace), selectors: selectorsOf(kind, scope) };
}

/** @param namespace undefined: all */
export function pathOf({ group, version, namespaced, plural }: ApiResource, namespace: string | undefined): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const within = namespaced && namespace !== undefined ? `/namespaces/${namespace}` : '';
  return `${root}${within}/${plural}`;
}

function selectorsOf(kind: Kind, { node, proxied }: Scope): Readonly<Record<string, string>> {
  if (kind === 'Node' && node !== undefined) return { fieldSelector: `metadata.name=${node}` };
  if (!proxied) return {};
  if (kind === 'Service') return { labelSelector: `!${LABEL_PROXY_NAME},${NOT_HEADLESS}` };
  return kind === 'EndpointSlice' ? { labelSelector: NOT_HEADLESS } : {};
}
