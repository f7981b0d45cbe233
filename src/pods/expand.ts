import { fnv1a } from '../data/index.ts';
import {
  type KubeObject,
  keyOf,
  type Labels,
  type ObjectEvent,
  type PersistentVolumeClaim,
  type Pod,
  type PodSpec,
  selects,
  type Volume,
  WORKLOAD_KINDS,
  type Workload,
} from '../kube/index.ts';

/**
 * Takes the place of the workload controllers: creates the pods of every workload (`WORKLOAD_KINDS`) among the events,
 * without address and not ready until they run. Skips workloads whose pods are among the inputs (a snapshot of a cluster).
 */
export class WorkloadPods {
  readonly #workloads = new Map<string, Workload>();
  readonly #made = new Map<string, Map<string, Pod>>();
  /** Pods of the inputs that a workload owns, by namespace. */
  readonly #owned = new Map<string, Map<string, Pod>>();
  /** Keys of all pods of the inputs: such a pod takes the place of a created one with the same name. */
  readonly #given = new Set<string>();

  /** Returns the events, and those of the created pods. */
  apply(events: readonly ObjectEvent[]): ObjectEvent[] {
    const out: ObjectEvent[] = [...events];
    const stale = new Set<string>();
    for (const event of events) {
      const object = event.type === 'set' ? event.object : undefined;
      if (object !== undefined ? isWorkload(object) : WORKLOADS.has(event.type === 'delete' ? event.kind : '')) {
        const id = object !== undefined ? idOf(object) : event.type === 'delete' ? `${event.kind} ${keyOf(event)}` : '';
        if (object !== undefined && isWorkload(object)) this.#workloads.set(id, object);
        else this.#workloads.delete(id);
        stale.add(id);
      } else this.#notePod(event, stale);
    }
    for (const id of stale) this.#expand(id, out);
    return out;
  }

  #notePod(event: ObjectEvent, stale: Set<string>): void {
    const kind = event.type === 'set' ? event.object.kind : event.kind;
    if (kind !== 'Pod') return;
    const { namespace, name } = event.type === 'set' ? event.object.meta : event;
    if (event.type === 'set') this.#given.add(`${namespace}/${name}`);
    else this.#given.delete(`${namespace}/${name}`);
    for (const id of this.#makersOf(namespace, name)) stale.add(id);
    const owned = this.#owned.get(namespace) ?? new Map<string, Pod>();
    const before = owned.get(name);
    const after =
      event.type === 'set' && event.object.kind === 'Pod' && event.object.meta.owners.length > 0
        ? event.object
        : undefined;
    if (after === undefined) owned.delete(name);
    else owned.set(name, after);
    this.#owned.set(namespace, owned);
    if (before === undefined && after === undefined) return;
    for (const [id, workload] of this.#workloads) {
      const concerns = [before, after].some(pod => pod !== undefined && adopts(workload, pod));
      if (concerns) stale.add(id);
    }
  }

  /** The workloads that may create a pod of this name: `web-0`, `web-x7k2pb-0`. */
  #makersOf(namespace: string, name: string): string[] {
    const base = /^(.+)-\d+$/.exec(name)?.[1];
    if (base === undefined) return [];
    const owners = [base, base.replace(/-[^-]+$/, '')];
    return owners
      .flatMap(owner => [...WORKLOADS].map(kind => `${kind} ${namespace}/${owner}`))
      .filter(id => this.#workloads.has(id));
  }

  #expand(id: string, out: ObjectEvent[]): void {
    const workload = this.#workloads.get(id);
    const before = this.#made.get(id) ?? new Map<string, Pod>();
    const after = new Map<string, Pod>();
    if (workload !== undefined && !this.#hasPodsOfItsOwn(workload)) {
      for (const pod of podsOf(workload)) if (!this.#given.has(keyOf(pod.meta))) after.set(pod.meta.name, pod);
    }
    for (const [name, pod] of before) {
      if (after.has(name) || this.#given.has(keyOf(pod.meta))) continue;
      out.push({ type: 'delete', kind: 'Pod', namespace: pod.meta.namespace, name });
    }
    // Before the pods that use them. Claims stay when their pods go.
    if (after.size > 0 && workload !== undefined) {
      for (const object of claimsOf(workload)) out.push({ type: 'set', object });
    }
    for (const pod of after.values()) {
      if (JSON.stringify(before.get(pod.meta.name)) !== JSON.stringify(pod)) out.push({ type: 'set', object: pod });
    }
    if (after.size === 0) this.#made.delete(id);
    else this.#made.set(id, after);
  }

  /** The Deployment creates the pods of a ReplicaSet that it owns; pods of the inputs are not created. */
  #hasPodsOfItsOwn(workload: Workload): boolean {
    if (workload.meta.owners.some(owner => owner.controller)) return true;
    const pods = this.#owned.get(workload.meta.namespace)?.values() ?? [];
    return [...pods].some(pod => adopts(workload, pod));
  }
}

const WORKLOADS: ReadonlySet<string> = new Set(WORKLOAD_KINDS);

function isWorkload(object: KubeObject): object is Workload {
  return WORKLOADS.has(object.kind);
}

function idOf(object: KubeObject): string {
  return `${object.kind} ${keyOf(object.meta)}`;
}

function adopts(workload: Workload, pod: Pod): boolean {
  return pod.meta.namespace === workload.meta.namespace && selects(workload.selector, pod.meta.labels);
}

/** The pods of a workload. Their names contain a hash of the template, as in a cluster. */
export function podsOf(workload: Workload): Pod[] {
  const { kind, meta, template } = workload;
  const hash = templateHash({ kind, template });
  const count = kind === 'DaemonSet' ? 1 : workload.replicas;
  return Array.from({ length: count }, (_, index) => {
    if (kind === 'StatefulSet') {
      const ordinal = workload.firstOrdinal + index;
      const name = `${meta.name}-${ordinal}`;
      const labels = {
        ...template.labels,
        'apps.kubernetes.io/pod-index': String(ordinal),
        'controller-revision-hash': `${meta.name}-${hash}`,
        'statefulset.kubernetes.io/pod-name': name,
      };
      const identity = { hostname: name, ...(workload.serviceName ? { subdomain: workload.serviceName } : {}) };
      return pod(workload, name, labels, withClaims(workload, name, { ...template.spec, ...identity }));
    }
    const labels = { ...template.labels, 'pod-template-hash': hash };
    return pod(workload, `${meta.name}-${hash}-${index}`, labels, template.spec);
  });
}

/** A StatefulSet's claim templates are volumes of each pod, over those of the same name. */
function withClaims({ run }: Workload, pod: string, spec: PodSpec): PodSpec {
  if (run?.kind !== 'StatefulSet' || spec.run === undefined) return spec;
  const claims = run.volumeClaimTemplates.map(({ meta: { name } }): Volume => {
    return { name, source: { kind: 'persistentVolumeClaim', claimName: `${name}-${pod}`, readOnly: false } };
  });
  const others = spec.run.volumes.filter(({ name }) => !claims.some(claim => claim.name === name));
  return { ...spec, run: { ...spec.run, volumes: [...others, ...claims] } };
}

/** The claims of a StatefulSet's pods. */
function claimsOf(workload: Workload): PersistentVolumeClaim[] {
  const { run, meta } = workload;
  if (run?.kind !== 'StatefulSet') return [];
  return podsOf(workload).flatMap(({ meta: pod }) =>
    run.volumeClaimTemplates.map(({ meta: template, spec }): PersistentVolumeClaim => {
      return {
        kind: 'PersistentVolumeClaim',
        meta: { ...template, name: `${template.name}-${pod.name}`, namespace: meta.namespace },
        spec,
      };
    }),
  );
}

function pod(workload: Workload, name: string, labels: Labels, spec: PodSpec): Pod {
  return {
    kind: 'Pod',
    meta: {
      name,
      namespace: workload.meta.namespace,
      labels,
      annotations: workload.template.annotations,
      owners: [{ kind: workload.kind, name: workload.meta.name, controller: true }],
    },
    spec,
    status: { phase: 'Pending', podIPs: [], conditions: [] },
  };
}

/** Six characters of the alphabet that Kubernetes uses for such names. */
export function templateHash(template: unknown): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  let rest = fnv1a(JSON.stringify(template));
  let name = '';
  for (let i = 0; i < 6; i += 1) {
    name += alphabet[rest % alphabet.length] ?? '';
    rest = Math.floor(rest / alphabet.length);
  }
  return name;
}
