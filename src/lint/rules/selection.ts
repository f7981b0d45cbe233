/** Shared by R01, R02 and R03: Services that select nothing, and the pods that nearly match. */
import { type Service, selects } from '../../kube/index.ts';
import type { LintContext, PodGroup } from '../context.ts';
import { ownLabels } from '../pod-groups.ts';
import { nearest } from '../text.ts';

/**
 * Whether a Service with a selector has no pod. False if it has manually written endpoints or a control plane's, or if a
 * pod or workload was rejected, so that the pods are not all known.
 */
export function selectsNothing(context: LintContext, service: Service): boolean {
  if (Object.keys(service.selector ?? {}).length === 0 || service.type === 'ExternalName') return false;
  if (context.selectedBy(service).length > 0 || context.inventory.hasRejectedPods(service.meta.namespace)) return false;
  return context.routesOf(service).every(route => route.endpoints.length === 0);
}

export interface NearMiss {
  readonly group: PodGroup;
  /** The pair of the selector that does not match. */
  readonly key: string;
  readonly value: string;
  /** The nearest label; undefined: the pods have none. */
  readonly has: { readonly key: string; readonly value: string } | undefined;
}

/** Finds the pods that match all pairs but one and have a similar label for that one. */
export function nearMiss(context: LintContext, service: Service): NearMiss | undefined {
  const pairs = Object.entries(service.selector ?? {});
  let best: (NearMiss & { score: number }) | undefined;
  for (const group of context.groups.in(service.meta.namespace)) {
    if (group.ends) continue;
    const labels = ownLabels(group.pod.meta.labels);
    const missing = pairs.filter(([key, value]) => labels[key] !== value);
    const [pair] = missing;
    if (missing.length !== 1 || pair === undefined) continue;
    const near = nearestLabel(context, { group, pair, labels, matched: pairs.length - 1 });
    if (near !== undefined && (best === undefined || near.score > best.score)) best = near;
  }
  return best;
}

function nearestLabel(
  context: LintContext,
  at: { group: PodGroup; pair: [string, string]; labels: Readonly<Record<string, string>>; matched: number },
): (NearMiss & { score: number }) | undefined {
  const { group, labels, matched } = at;
  const [key, value] = at.pair;
  const present = labels[key];
  const found = (has: NearMiss['has'], score: number) => ({ group, key, value, has, score });
  if (present !== undefined) {
    const near = nearest(value, [present]) !== undefined;
    return near && !isAnotherNumber(value, present) ? found({ key, value: present }, 4) : undefined;
  }
  const same = Object.entries(labels).filter(([, v]) => v === value);
  const related = same.find(([k]) => lastPart(k) === lastPart(key) || RELATED.has(lastPart(k)));
  const misspelt = same.find(([k]) => nearest(key, [k]) !== undefined);
  const other = misspelt ?? related;
  if (other !== undefined) return found({ key: other[0], value: other[1] }, 3);
  // All other pairs match and no other Service selects these pods: the label was probably forgotten.
  const alone = context.selecting(group).length === 0 && context.operatorIn(group.pod.meta.namespace) === undefined;
  return matched > 0 && alone ? found(undefined, 1) : undefined;
}

/** `app`, `k8s-app`, `app.kubernetes.io/name`: keys that people confuse. */
const RELATED: ReadonlySet<string> = new Set(['app', 'k8s-app', 'name', 'instance', 'component', 'service', 'run']);

function lastPart(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

/** `redis-1` and `redis-2` are similar but different things. */
function isAnotherNumber(a: string, b: string): boolean {
  return a !== b && a.replaceAll(/\d+/g, '') === b.replaceAll(/\d+/g, '');
}

/** Serving pods that match in other namespaces. */
export function podsElsewhere(context: LintContext, service: Service): PodGroup[] {
  const { namespace } = service.meta;
  return context.groups.all.filter(
    group => !group.ends && group.pod.meta.namespace !== namespace && selects(service.selector, group.pod.meta.labels),
  );
}
