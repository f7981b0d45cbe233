import {
  type EndpointSlice,
  type Endpoints,
  type Kind,
  type KubeObject,
  keyOf,
  LABEL_SERVICE_NAME,
  LABEL_ZONE,
  type Node,
  type ObjectEvent,
  type ObjectKey,
  type Pod,
  type Service,
  selects,
} from '../kube/index.ts';
import { KeyIndex, LabelIndex } from './label-index.ts';

/**
 * The objects by kind and key. Indexes find the Services that an event touches without a scan: pods by the labels in
 * selectors, slices by their Service, pods and slices by node.
 */
export class ObjectStore {
  readonly #services = new Map<ObjectKey, Service>();
  readonly #pods = new Map<ObjectKey, Pod>();
  readonly #slices = new Map<ObjectKey, EndpointSlice>();
  readonly #endpoints = new Map<ObjectKey, Endpoints>();
  readonly #nodes = new Map<ObjectKey, Node>();
  /** Kinds that affect no route, kept for other readers. */
  readonly #others = new Map<Kind, Map<ObjectKey, KubeObject>>();

  /** A Service is indexed by the first pair of its selector only, which every matching pod has. */
  readonly #servicesBySelector = new LabelIndex();
  readonly #podsByLabel = new LabelIndex();
  readonly #podsByNode = new KeyIndex();
  readonly #slicesByService = new KeyIndex();
  readonly #slicesByNode = new KeyIndex();

  /** Applies events in order. @returns the Services whose routes may differ now, deleted ones included */
  apply(events: readonly ObjectEvent[]): Set<ObjectKey> {
    const touched = new Set<ObjectKey>();
    for (const event of events) {
      if (event.type === 'set') this.#set(event.object, touched);
      else this.#delete(event.kind, keyOf(event), touched);
    }
    return touched;
  }

  service(key: ObjectKey): Service | undefined {
    return this.#services.get(key);
  }

  services(): IterableIterator<Service> {
    return this.#services.values();
  }

  pod(key: ObjectKey): Pod | undefined {
    return this.#pods.get(key);
  }

  pods(): IterableIterator<Pod> {
    return this.#pods.values();
  }

  /** @returns undefined if there is no such node; see also `hasNodes` */
  node(name: string): Node | undefined {
    return this.#nodes.get(name);
  }

  nodes(): IterableIterator<Node> {
    return this.#nodes.values();
  }

  get hasNodes(): boolean {
    return this.#nodes.size > 0;
  }

  endpointsOf(service: ObjectKey): Endpoints | undefined {
    return this.#endpoints.get(service);
  }

  slice(key: ObjectKey): EndpointSlice | undefined {
    return this.#slices.get(key);
  }

  /** The slices whose label names the Service, sorted by name. */
  slicesOf(service: ObjectKey): EndpointSlice[] {
    return collect(this.#slicesByService.of(service), this.#slices);
  }

  /** The pods that a Service's selector matches, sorted by name. */
  podsSelectedBy(service: Service): Pod[] {
    if (service.selector === undefined) return [];
    const candidates = this.#podsByLabel.candidates(service.meta.namespace, service.selector);
    return collect(candidates, this.#pods).filter(pod => selects(service.selector, pod.meta.labels));
  }

  /** Every object, of all kinds. */
  *all(): Generator<KubeObject> {
    for (const kind of [
      this.#services,
      this.#pods,
      this.#slices,
      this.#endpoints,
      this.#nodes,
      ...this.#others.values(),
    ]) {
      yield* kind.values();
    }
  }

  /** The objects of a kind that routing does not read. */
  others(kind: Kind): IterableIterator<KubeObject> {
    return (this.#others.get(kind) ?? new Map<ObjectKey, KubeObject>()).values();
  }

  #set(object: KubeObject, touched: Set<ObjectKey>): void {
    const key = keyOf(object.meta);
    switch (object.kind) {
      case 'Service': {
        this.#unindexService(this.#services.get(key));
        this.#services.set(key, object);
        const pair = anchorPair(object);
        if (pair !== undefined) this.#servicesBySelector.add(object.meta.namespace, [pair], key);
        touched.add(key);
        return;
      }
      case 'Pod': {
        this.#dropPod(key, touched);
        this.#pods.set(key, object);
        this.#podsByLabel.add(object.meta.namespace, Object.entries(object.meta.labels), key);
        if (object.spec.nodeName !== undefined) this.#podsByNode.add(object.spec.nodeName, key);
        this.#touchSelecting(object, touched);
        return;
      }
      case 'EndpointSlice': {
        this.#dropSlice(key, touched);
        this.#slices.set(key, object);
        const service = serviceOf(object);
        if (service === undefined) return;
        this.#slicesByService.add(service, key);
        for (const node of nodesOf(object)) this.#slicesByNode.add(node, key);
        touched.add(service);
        return;
      }
      case 'Endpoints':
        this.#endpoints.set(key, object);
        touched.add(key);
        return;
      case 'Node': {
        const had = this.#nodes.get(key);
        const first = !this.hasNodes;
        this.#nodes.set(key, object);
        if (first) this.#touchAll(touched);
        else if (had?.meta.labels[LABEL_ZONE] !== object.meta.labels[LABEL_ZONE] || had === undefined) {
          this.#touchNode(key, touched);
        }
        return;
      }
      default: {
        const others = this.#others.get(object.kind) ?? new Map<ObjectKey, KubeObject>();
        others.set(key, object);
        this.#others.set(object.kind, others);
      }
    }
  }

  #delete(kind: Kind, key: ObjectKey, touched: Set<ObjectKey>): void {
    switch (kind) {
      case 'Service':
        this.#unindexService(this.#services.get(key));
        this.#services.delete(key);
        touched.add(key);
        return;
      case 'Pod':
        this.#dropPod(key, touched);
        return;
      case 'EndpointSlice':
        this.#dropSlice(key, touched);
        return;
      case 'Endpoints':
        if (this.#endpoints.delete(key)) touched.add(key);
        return;
      case 'Node':
        if (!this.#nodes.delete(key)) return;
        if (this.hasNodes) this.#touchNode(key, touched);
        else this.#touchAll(touched);
        return;
      default:
        this.#others.get(kind)?.delete(key);
    }
  }

  #unindexService(service: Service | undefined): void {
    const pair = service && anchorPair(service);
    if (pair) this.#servicesBySelector.remove(service.meta.namespace, [pair], keyOf(service.meta));
  }

  #dropPod(key: ObjectKey, touched: Set<ObjectKey>): void {
    const pod = this.#pods.get(key);
    if (pod === undefined) return;
    this.#pods.delete(key);
    this.#podsByLabel.remove(pod.meta.namespace, Object.entries(pod.meta.labels), key);
    if (pod.spec.nodeName !== undefined) this.#podsByNode.remove(pod.spec.nodeName, key);
    this.#touchSelecting(pod, touched);
  }

  #dropSlice(key: ObjectKey, touched: Set<ObjectKey>): void {
    const slice = this.#slices.get(key);
    if (slice === undefined) return;
    this.#slices.delete(key);
    const service = serviceOf(slice);
    if (service === undefined) return;
    this.#slicesByService.remove(service, key);
    for (const node of nodesOf(slice)) this.#slicesByNode.remove(node, key);
    touched.add(service);
  }

  #touchSelecting(pod: Pod, touched: Set<ObjectKey>): void {
    for (const pair of Object.entries(pod.meta.labels)) {
      for (const key of this.#servicesBySelector.with(pod.meta.namespace, pair)) {
        if (selects(this.#services.get(key)?.selector, pod.meta.labels)) touched.add(key);
      }
    }
  }

  #touchNode(node: string, touched: Set<ObjectKey>): void {
    for (const pod of collect(this.#podsByNode.of(node), this.#pods)) this.#touchSelecting(pod, touched);
    for (const slice of collect(this.#slicesByNode.of(node), this.#slices)) {
      const service = serviceOf(slice);
      if (service !== undefined) touched.add(service);
    }
  }

  #touchAll(touched: Set<ObjectKey>): void {
    for (const key of this.#services.keys()) touched.add(key);
  }
}

function anchorPair(service: Service): readonly [string, string] | undefined {
  return service.selector === undefined ? undefined : Object.entries(service.selector)[0];
}

function nodesOf(slice: EndpointSlice): Set<string> {
  return new Set(slice.endpoints.flatMap(({ nodeName }) => nodeName ?? []));
}

function serviceOf(slice: EndpointSlice): ObjectKey | undefined {
  const name = slice.meta.labels[LABEL_SERVICE_NAME];
  return name === undefined || name === '' ? undefined : `${slice.meta.namespace}/${name}`;
}

function collect<T>(keys: ReadonlySet<ObjectKey>, from: ReadonlyMap<ObjectKey, T>): T[] {
  const found: T[] = [];
  for (const key of [...keys].sort()) {
    const object = from.get(key);
    if (object !== undefined) found.push(object);
  }
  return found;
}
