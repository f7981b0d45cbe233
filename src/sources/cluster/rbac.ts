/**
 * The least that each feature needs to be allowed, as ClusterRoles: what the cluster source asks for and nothing more.
 *
 * @module
 */
import type { Kind } from '../../kube/objects.ts';
import { resourceOf } from './kinds.ts';

export const FEATURES = ['node', 'explain', 'get', 'lint', 'diff'] as const;
export type Feature = (typeof FEATURES)[number];

export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** As it is written to YAML. */
export interface ClusterRole {
  readonly apiVersion: 'rbac.authorization.k8s.io/v1';
  readonly kind: 'ClusterRole';
  readonly metadata: { readonly name: string };
  readonly rules: readonly PolicyRule[];
}

const ROUTING: readonly Kind[] = ['Service', 'EndpointSlice', 'Node'];
const WITH_PODS: readonly Kind[] = [...ROUTING, 'Pod', 'Namespace'];
const WORKLOADS: readonly Kind[] = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'];

/** The kinds that a feature reads from a cluster: what to ask the source for, too. */
export const KINDS_OF_FEATURE: Readonly<Record<Feature, readonly Kind[]>> = {
  node: [...ROUTING, 'ServiceCIDR'],
  explain: WITH_PODS,
  get: WITH_PODS,
  lint: [...WITH_PODS, ...WORKLOADS, 'Endpoints', 'ServiceCIDR'],
  diff: [...WITH_PODS, ...WORKLOADS],
};

/** Commands look once; the agent stays. */
const VERBS_OF_FEATURE: Readonly<Record<Feature, readonly string[]>> = {
  node: ['list', 'watch'],
  explain: ['list'],
  get: ['list'],
  lint: ['list'],
  diff: ['list'],
};

const VERB_ORDER = ['get', 'list', 'watch'];

export function isFeature(text: string): text is Feature {
  return FEATURES.some(feature => feature === text);
}

/** One role that is enough for all of the features. */
export function rbacFor(features: readonly Feature[]): ClusterRole {
  const verbsOfKind = new Map<Kind, Set<string>>();
  const chosen = FEATURES.filter(feature => features.includes(feature));
  for (const feature of chosen) {
    for (const kind of KINDS_OF_FEATURE[feature]) {
      const verbs = verbsOfKind.get(kind) ?? new Set<string>();
      for (const verb of VERBS_OF_FEATURE[feature]) verbs.add(verb);
      verbsOfKind.set(kind, verbs);
    }
  }
  const name = ['switchboard', ...chosen].join('-');
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name },
    rules: rulesOf(verbsOfKind),
  };
}

/** Resources of a group that need the same verbs share a rule. */
function rulesOf(verbsOfKind: ReadonlyMap<Kind, ReadonlySet<string>>): PolicyRule[] {
  const rules = new Map<string, { group: string; verbs: string[]; resources: string[] }>();
  for (const [kind, needed] of verbsOfKind) {
    const { group, plural } = resourceOf(kind);
    const verbs = VERB_ORDER.filter(verb => needed.has(verb));
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
