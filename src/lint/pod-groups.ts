/**
 * Groups of equal pods, so that a fault in a template is reported once and not for each replica. A group stands for a
 * workload's template, or for pods among the inputs.
 *
 * @module
 */
import {
  type Container,
  type Labels,
  type Pod,
  type Service,
  selects,
  WORKLOAD_KINDS,
  type Workload,
} from '../kube/index.ts';
import { podsOf } from '../pods/index.ts';
import type { Subject } from './finding.ts';
import type { Entry, Inventory } from './inventory.ts';
import { rawAt, rawField, readOtherTemplate } from './kinds/index.ts';

export interface PodGroup {
  /** The workload or pod that the user would change. */
  readonly subject: Subject;
  /** The top-level owner of the pods: `Deployment web`; equal for all groups of a workload during a rollout. */
  readonly owner: string;
  /** One of the pods, or the pod that the template would create. */
  readonly pod: Pod;
  /** The pods among the inputs; empty if there is only a template. */
  readonly pods: readonly Pod[];
  /** undefined: unknown, or one per node. */
  readonly replicas: number | undefined;
  /** The pods run to completion (Job, CronJob), or have finished. */
  readonly ends: boolean;
  readonly specPath: string;
  readonly labelsPath: string;
  /** The unparsed pod spec. */
  readonly rawSpec: unknown;
}

/** Labels that controllers add and that differ between equal pods. */
const ADDED_LABELS: ReadonlySet<string> = new Set([
  'pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
]);

/** The labels that the user wrote. */
export function ownLabels(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !ADDED_LABELS.has(key)));
}

/** The containers that run while the pod serves: main containers and sidecars, each with its field. */
export function servingContainers(group: PodGroup): { container: Container; field: string; raw: unknown }[] {
  const placed = (name: 'containers' | 'initContainers') =>
    group.pod.spec[name].map((container, index) => ({
      container,
      field: `${group.specPath}.${name}[${index}]`,
      raw: rawAt(group.rawSpec, name, index),
    }));
  return [...placed('containers'), ...placed('initContainers').filter(c => c.container.restartPolicy === 'Always')];
}

export class PodGroups {
  readonly all: PodGroup[] = [];
  readonly #byLabel = new Map<string, PodGroup[]>();
  readonly #byNamespace = new Map<string, PodGroup[]>();

  constructor(inventory: Inventory) {
    const owned = this.#addPods(inventory);
    for (const entry of workloads(inventory)) {
      if (!owned.has(entry) && !isOwnedByAnother(entry, inventory)) this.#add(ofTemplate(entry));
    }
    for (const other of inventory.others()) {
      const template = readOtherTemplate(rawField(other.value));
      if (template === undefined || OWNED_BY_CRON.has(ownerKind(other.value))) continue;
      const { kind, namespace, name } = other.subject;
      const meta = { name, namespace, labels: template.labels, annotations: {}, owners: [] };
      const status = { phase: 'Pending', podIPs: [], conditions: [] } as const;
      this.#add({
        subject: other.subject,
        owner: `${kind} ${name}`,
        pod: { kind: 'Pod', meta, spec: template.spec, status },
        pods: [],
        replicas: template.replicas,
        ends: template.ends,
        specPath: template.specPath,
        labelsPath: template.labelsPath,
        rawSpec: rawAt(other.value, ...template.specPath.split('.')),
      });
    }
  }

  in(namespace: string): readonly PodGroup[] {
    return this.#byNamespace.get(namespace) ?? [];
  }

  selectedBy(service: Service): PodGroup[] {
    const pairs = Object.entries(service.selector ?? {});
    if (pairs.length === 0 || service.type === 'ExternalName') return [];
    let fewest: readonly PodGroup[] | undefined;
    for (const [key, value] of pairs) {
      const candidates = this.#byLabel.get(`${service.meta.namespace}\n${key}\n${value}`) ?? [];
      if (fewest === undefined || candidates.length < fewest.length) fewest = candidates;
    }
    return (fewest ?? []).filter(group => selects(service.selector, group.pod.meta.labels));
  }

  #add(group: PodGroup): void {
    const { namespace, labels } = group.pod.meta;
    this.all.push(group);
    push(this.#byNamespace, namespace, group);
    for (const [key, value] of Object.entries(labels)) push(this.#byLabel, `${namespace}\n${key}\n${value}`, group);
  }

  /** Groups the pods among the inputs. @returns the workloads that own them */
  #addPods(inventory: Inventory): Set<Entry<Workload>> {
    const owned = new Set<Entry<Workload>>();
    const shapes = new Map<string, { first: Entry<Pod>; owner: string; workload?: Entry<Workload>; pods: Pod[] }>();
    for (const entry of inventory.of('Pod')) {
      const pod = entry.object;
      const workload = topWorkload(pod, inventory);
      if (workload !== undefined) owned.add(workload);
      const controller = pod.meta.owners.find(owner => owner.controller) ?? pod.meta.owners[0];
      const holder = workload?.subject ?? controller;
      const owner = holder === undefined ? `Pod ${pod.meta.name}` : `${holder.kind} ${holder.name}`;
      const key = `${pod.meta.namespace}\n${holder === undefined ? '' : owner}\n${shapeOf(pod)}`;
      const shape = shapes.get(key);
      if (shape !== undefined) shape.pods.push(pod);
      else shapes.set(key, { first: entry, owner, pods: [pod], ...(workload === undefined ? {} : { workload }) });
    }
    for (const { first, owner, workload, pods } of shapes.values()) {
      const template = workload === undefined ? undefined : ofTemplate(workload);
      const current = template !== undefined && shapeOf(template.pod) === shapeOf(first.object);
      const place = current
        ? template
        : {
            subject: first.subject,
            specPath: 'spec',
            labelsPath: 'metadata.labels',
            rawSpec: rawAt(first.value, 'spec'),
          };
      const { subject, specPath, labelsPath, rawSpec } = place;
      // Equal pods without a controller form one group; its name counts them.
      const more = pods.length - 1;
      const named = owner.startsWith('Pod ') && more > 0 ? `${owner} and ${more} more` : owner;
      const ends = pods.every(pod => hasEnded(pod) || pod.spec.restartPolicy !== 'Always') || owner.startsWith('Job ');
      this.#add({
        subject,
        owner: named,
        pod: first.object,
        pods,
        replicas: pods.length,
        ends,
        specPath,
        labelsPath,
        rawSpec,
      });
    }
    return owned;
  }
}

const OWNED_BY_CRON: ReadonlySet<string> = new Set(['CronJob']);

function ownerKind(value: unknown): string {
  const kind = rawAt(value, 'metadata', 'ownerReferences', 0, 'kind');
  return typeof kind === 'string' ? kind : '';
}

function hasEnded(pod: Pod): boolean {
  return pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
}

function* workloads(inventory: Inventory): Generator<Entry<Workload>> {
  for (const kind of WORKLOAD_KINDS) {
    for (const entry of inventory.of(kind)) yield entry;
  }
}

/** For instance a ReplicaSet of a Deployment, which the Deployment's group covers. */
function isOwnedByAnother(entry: Entry<Workload>, inventory: Inventory): boolean {
  const { namespace, owners } = entry.object.meta;
  return owners.some(owner => owner.controller && inventory.get(owner.kind, namespace, owner.name) !== undefined);
}

/** The top-level workload of a pod, by owner references, or by labels if an owner is not among the inputs. */
function topWorkload(pod: Pod, inventory: Inventory): Entry<Workload> | undefined {
  if (pod.meta.owners.length === 0) return undefined;
  const { namespace } = pod.meta;
  let owners = pod.meta.owners;
  let top: Entry<Workload> | undefined;
  for (let depth = 0; depth < 3; depth += 1) {
    const owner = owners.find(o => o.controller);
    const entry = owner && inventory.get(owner.kind, namespace, owner.name);
    if (entry === undefined || !isWorkload(entry)) break;
    top = entry;
    owners = entry.object.meta.owners;
  }
  if (top !== undefined) return top;
  for (const entry of workloads(inventory)) {
    if (entry.object.meta.namespace === namespace && selects(entry.object.selector, pod.meta.labels)) return entry;
  }
  return undefined;
}

function isWorkload(entry: Entry): entry is Entry<Workload> {
  return WORKLOAD_KINDS.some(kind => kind === entry.object.kind);
}

/** The parts of a pod that rules read: labels, ports, images and readiness probes. */
function shapeOf(pod: Pod): string {
  const shape = (c: Container) => [c.name, c.image, c.ports, c.restartPolicy, c.readinessProbe?.action];
  const labels = Object.entries(ownLabels(pod.meta.labels)).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([labels, pod.spec.containers.map(shape), pod.spec.initContainers.map(shape), hasEnded(pod)]);
}

function ofTemplate(entry: Entry<Workload>): PodGroup {
  const workload = entry.object;
  const [made] = podsOf({ ...workload, replicas: 1 });
  if (made === undefined) throw new Error('podsOf returned no pod for one replica');
  return {
    subject: entry.subject,
    owner: `${workload.kind} ${workload.meta.name}`,
    pod: made,
    pods: [],
    replicas: workload.kind === 'DaemonSet' ? undefined : workload.replicas,
    ends: false,
    specPath: 'spec.template.spec',
    labelsPath: 'spec.template.metadata.labels',
    rawSpec: rawAt(entry.value, 'spec', 'template', 'spec'),
  };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const all = map.get(key);
  if (all === undefined) map.set(key, [value]);
  else all.push(value);
}
