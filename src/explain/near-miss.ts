import { type Labels, type Pod, selects, type Workload } from '../kube/index.ts';
import { nearestName } from '../kube/read/index.ts';
import type { ObjectStore } from '../world/index.ts';

/** Pods that a selector misses by one label, or that it would match in another namespace. */
export interface NearMiss {
  readonly text: string;
  /** The selector's key, and the value that would match. */
  readonly key?: string;
  readonly value?: string;
  /** The fix, if it is not a change of the selector. */
  readonly fix?: string;
}

/** Finds what a selector without matches was probably meant to match. */
export function nearMiss(selector: Labels, namespace: string, store: ObjectStore): NearMiss | undefined {
  const idle = scaledToZero(selector, namespace, store);
  if (idle !== undefined) {
    const { kind, meta } = idle;
    return {
      text: `${kind} ${meta.name} creates such pods, but has replicas: 0`,
      fix: `set spec.replicas of ${kind} ${meta.name} to 1 or more`,
    };
  }
  let best: { pod: Pod; missing: [string, string][] } | undefined;
  for (const pod of store.pods()) {
    const missing = Object.entries(selector).filter(([key, value]) => pod.meta.labels[key] !== value);
    if (missing.length === 0) {
      return {
        text: `pods with these labels are in namespace ${pod.meta.namespace}: a Service selects only pods in its own namespace`,
      };
    }
    if (pod.meta.namespace === namespace && (best === undefined || missing.length < best.missing.length)) {
      best = { pod, missing };
    }
  }
  const [only, second] = best?.missing ?? [];
  if (best === undefined || only === undefined || second !== undefined) return undefined;
  const [key, required] = only;
  const has = best.pod.meta.labels[key];
  const owner = best.pod.meta.owners.find(candidate => candidate.controller);
  const who = owner === undefined ? `pod ${best.pod.meta.name}` : `${owner.kind} ${owner.name}`;
  if (has !== undefined) {
    return { text: `${who} has ${key}=${has}, but the selector requires ${key}=${required}`, key, value: has };
  }
  const other = nearestName(key, Object.keys(best.pod.meta.labels));
  const similar = other === undefined ? '' : `; it has ${other}=${best.pod.meta.labels[other]}`;
  return { text: `${who} has no label ${key}${similar}` };
}

function scaledToZero(selector: Labels, namespace: string, store: ObjectStore): Workload | undefined {
  for (const kind of ['Deployment', 'StatefulSet', 'ReplicaSet'] as const) {
    for (const object of store.others(kind)) {
      if (!('template' in object) || object.replicas > 0 || object.meta.namespace !== namespace) continue;
      if (selects(selector, object.template.labels)) return object;
    }
  }
  return undefined;
}
