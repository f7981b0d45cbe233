/**
 * The input objects by kind, each with the positions of its fields. Of two definitions of an object the later one wins,
 * as with `kubectl apply`.
 *
 * @module
 */

import { type Kind, type KubeObject, WORKLOAD_KINDS, type Workload, type WorkloadKind } from '../kube/index.ts';
import type { Manifest, PlacedFault, Position } from '../kube/manifest/index.ts';
import type { Subject } from './finding.ts';
import { rawField } from './kinds/index.ts';

/** One input: a file or standard input, read with `keepValues`. */
export interface LintInput {
  readonly file: string;
  readonly text: string;
  readonly manifest: Manifest;
}

export interface Entry<T extends KubeObject = KubeObject> {
  readonly object: T;
  readonly subject: Subject;
  /** The unparsed object. */
  readonly value: Readonly<Record<string, unknown>>;
}

/** An object of a kind that routing does not use. */
export interface OtherEntry {
  readonly apiVersion: string;
  readonly subject: Subject;
  readonly value: Readonly<Record<string, unknown>>;
}

export interface FaultEntry {
  readonly fault: PlacedFault;
  readonly subject: Subject;
}

type OfKind<K extends Kind> = K extends WorkloadKind ? Workload : Extract<KubeObject, { kind: K }>;

export class Inventory {
  readonly faults: FaultEntry[] = [];
  readonly notes: FaultEntry[] = [];
  readonly #entries = new Map<string, Entry>();
  readonly #others = new Map<string, OtherEntry>();
  readonly #byKind = new Map<string, Entry[]>();
  /** Objects that the API would reject and that are therefore not entries: `Service shop/web`. */
  readonly #rejected = new Set<string>();

  constructor(inputs: readonly LintInput[], defaultNamespace: string) {
    for (const { file, manifest } of inputs) {
      for (const placed of manifest.objects) {
        const { kind, meta } = placed.object;
        const { namespace, name, annotations } = meta;
        const subject = { kind, namespace, name, file, annotations, position: placed.position };
        this.#entries.set(id(kind, namespace, name), { object: placed.object, subject, value: placed.value ?? {} });
      }
      for (const { value, position } of manifest.others) this.#addOther(file, value, position, defaultNamespace);
      for (const fault of manifest.faults) this.#addFault(file, fault);
      for (const note of manifest.notes) this.notes.push({ fault: note, subject: subjectOf(note, file) });
    }
    for (const entry of this.#entries.values()) {
      const all = this.#byKind.get(entry.object.kind) ?? [];
      all.push(entry);
      this.#byKind.set(entry.object.kind, all);
    }
  }

  entries(): Iterable<Entry> {
    return this.#entries.values();
  }

  others(): Iterable<OtherEntry> {
    return this.#others.values();
  }

  of<K extends Kind>(kind: K): readonly Entry<OfKind<K>>[] {
    const isOfKind = (entry: Entry): entry is Entry<OfKind<K>> => entry.object.kind === kind;
    return (this.#byKind.get(kind) ?? []).filter(isOfKind);
  }

  get(kind: string, namespace: string, name: string): Entry | undefined {
    return this.#entries.get(id(kind, namespace, name));
  }

  isRejected(kind: string, namespace: string, name: string): boolean {
    return this.#rejected.has(id(kind, namespace, name));
  }

  /** Whether a namespace contains a rejected pod or workload, so that not all pods are known. */
  hasRejectedPods(namespace: string): boolean {
    return [...this.#rejected].some(rejected => {
      const [kind = '', key = ''] = rejected.split(' ');
      return POD_MAKERS.has(kind) && key.startsWith(`${namespace}/`);
    });
  }

  #addOther(file: string, value: Readonly<Record<string, unknown>>, position: Subject['position'], fallback: string) {
    const root = rawField(value);
    const kind = root.child('kind').string() ?? '';
    const apiVersion = root.child('apiVersion').string() ?? '';
    const meta = root.child('metadata');
    const name = meta.child('name').text() ?? '';
    if (kind === '' || name === '') return;
    const namespace = CLUSTER_WIDE.test(kind) ? '' : (meta.child('namespace').text() ?? fallback);
    const annotations = meta.child('annotations').stringMap() ?? {};
    const subject = { kind, namespace, name, file, annotations, position };
    this.#others.set(`${apiVersion} ${id(kind, namespace, name)}`, { apiVersion, subject, value });
  }

  #addFault(file: string, fault: PlacedFault): void {
    this.faults.push({ fault, subject: subjectOf(fault, file) });
    if (fault.object !== '') this.#rejected.add(fault.object);
  }
}

const POD_MAKERS: ReadonlySet<string> = new Set(['Pod', ...WORKLOAD_KINDS]);
const CLUSTER_WIDE =
  /^(APIService|CustomResourceDefinition|Cluster\w+|\w+WebhookConfiguration|GatewayClass|IngressClass|StorageClass|PriorityClass|PersistentVolume)$/;

function id(kind: string, namespace: string, name: string): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}

/** Parses the `Service shop/web` of a fault. */
function subjectOf(fault: PlacedFault, file: string): Subject {
  const [kind = '', ...rest] = fault.object.split(' ');
  const key = rest.join(' ');
  const slash = key.indexOf('/');
  const at: Position = { line: fault.line, col: fault.col };
  return {
    kind,
    namespace: slash === -1 ? '' : key.slice(0, slash),
    name: key.slice(slash + 1),
    file,
    annotations: {},
    position: () => at,
  };
}
