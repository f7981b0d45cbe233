/**
 * The minimal permissions of each feature as ClusterRoles: exactly what the cluster source requests.
 *
 * @module
 */
import type { RoutingKind } from '../../kube/index.ts';
import { type ApiResource, resourceOf } from './kinds.ts';
import { LINT_RESOURCES } from './lint-resources.ts';

export const FEATURES = ['node', 'dns', 'dns-pods', 'explain', 'get', 'lint', 'diff'] as const;
export type Feature = (typeof FEATURES)[number];

export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** In the shape of its YAML. */
export interface ClusterRole {
  readonly apiVersion: 'rbac.authorization.k8s.io/v1';
  readonly kind: 'ClusterRole';
  readonly metadata: { readonly name: string };
  readonly rules: readonly PolicyRule[];
}

const ROUTING: readonly RoutingKind[] = ['Service', 'EndpointSlice', 'Node'];
const WITH_PODS: readonly RoutingKind[] = [...ROUTING, 'Pod', 'Namespace'];

/** The kinds that a feature reads from a cluster; also the source's `kinds`. */
export const KINDS_OF_FEATURE = {
  node: [...ROUTING, 'ServiceCIDR'],
  dns: ['Service', 'EndpointSlice', 'Namespace'],
  'dns-pods': ['Service', 'EndpointSlice', 'Namespace', 'Pod'],
  explain: WITH_PODS,
  get: WITH_PODS,
  diff: WITH_PODS,
} as const satisfies Readonly<Record<string, readonly RoutingKind[]>>;

const RESOURCES_OF_FEATURE: Readonly<Record<Feature, readonly ApiResource[]>> = {
  node: KINDS_OF_FEATURE.node.map(resourceOf),
  dns: KINDS_OF_FEATURE.dns.map(resourceOf),
  'dns-pods': KINDS_OF_FEATURE['dns-pods'].map(resourceOf),
  explain: KINDS_OF_FEATURE.explain.map(resourceOf),
  get: KINDS_OF_FEATURE.get.map(resourceOf),
  lint: LINT_RESOURCES,
  diff: KINDS_OF_FEATURE.diff.map(resourceOf),
};

/** Commands read once; the agent and its DNS server watch. */
const VERBS_OF_FEATURE: Readonly<Record<Feature, readonly string[]>> = {
  node: ['list', 'watch'],
  dns: ['list', 'watch'],
  'dns-pods': ['list', 'watch'],
  explain: ['list'],
  get: ['list'],
  lint: ['list'],
  diff: ['list'],
};

const VERB_ORDER = ['get', 'list', 'watch'];

export function isFeature(text: string): text is Feature {
  return FEATURES.some(feature => feature === text);
}

/** Returns one role that suffices for all of the features. */
export function rbacFor(features: readonly Feature[]): ClusterRole {
  const needs = new Map<string, { resource: ApiResource; verbs: Set<string> }>();
  const chosen = FEATURES.filter(feature => features.includes(feature));
  for (const feature of chosen) {
    for (const resource of RESOURCES_OF_FEATURE[feature]) {
      const id = `${resource.group} ${resource.plural}`;
      const need = needs.get(id) ?? { resource, verbs: new Set<string>() };
      for (const verb of VERBS_OF_FEATURE[feature]) need.verbs.add(verb);
      needs.set(id, need);
    }
  }
  const name = ['switchboard', ...chosen].join('-');
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name },
    rules: rulesOf(needs.values()),
  };
}

/** Resources of a group that need the same verbs share a rule. */
function rulesOf(needs: Iterable<{ resource: ApiResource; verbs: ReadonlySet<string> }>): PolicyRule[] {
  const rules = new Map<string, { group: string; verbs: string[]; resources: string[] }>();
  for (const need of needs) {
    const { group, plural } = need.resource;
    const verbs = VERB_ORDER.filter(verb => need.verbs.has(verb));
    const id = `${group} ${verbs.join(' ')}`;
    const rule = rules.get(id) ?? { group, verbs, resources: [] };
    rule.resources.push(plural);
    rules.set(id, rule);
  }
  return [...rules.values()].map(({ group, verbs, resources }) => ({
    apiGroups: [group],
    resources: resources.sort(),
    verbs,
  }));
}
