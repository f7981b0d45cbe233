/**
 * From an item of the API to an object of ours: what it needs and nothing else, and without the parts that our
 * validation refuses but the cluster holds (an old object, a hand-made slice), so that the rest of it still routes.
 *
 * @module
 */
import type { Fault, ReadOptions } from '../../kube/fault.ts';
import type { EndpointSlice, KubeObject, ObjectMeta, SliceEndpoint } from '../../kube/objects.ts';
import { readObject } from '../../kube/read/index.ts';
import { sameOr } from '../../kube/same-data.ts';
import { prune } from './prune.ts';

export interface Projected {
  /** undefined: not even a part of it can be read. */
  readonly object: KubeObject | undefined;
  /** Why parts were left out; of an object that was, too. */
  readonly faults: readonly Fault[];
}

/** Each round takes out everything that was refused; taking out a part may leave its parent wanting. */
const MOST_ROUNDS = 8;

/** @param before the object so far: what the new one says again is not kept twice */
export function project(item: unknown, options: ReadOptions, before?: KubeObject): Projected {
  let faults: readonly Fault[] = [];
  let value = item;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const outcome = readObject(value, options);
    if (outcome.status === 'read') return { object: slim(outcome.object, before), faults };
    if (outcome.status === 'passedOver') return { object: undefined, faults };
    // What is found after a part was taken out is about its absence, which the first faults have explained.
    if (round === 0) faults = outcome.faults;
    const pruned = prune(value, outcome.faults);
    if (pruned === undefined) break;
    value = pruned;
  }
  return { object: undefined, faults };
}

/** kubectl keeps a whole copy of the object in it. */
const COPY_OF_OBJECT = 'kubectl.kubernetes.io/last-applied-configuration';
const NONE: readonly never[] = Object.freeze([]);

function slim(object: KubeObject, before: KubeObject | undefined): KubeObject {
  if (object.kind === 'EndpointSlice') {
    return slimSlice(object, before?.kind === 'EndpointSlice' ? before : undefined);
  }
  return COPY_OF_OBJECT in object.meta.annotations ? { ...object, meta: withoutCopy(object.meta) } : object;
}

function withoutCopy(meta: ObjectMeta): ObjectMeta {
  const { [COPY_OF_OBJECT]: _copy, ...annotations } = meta.annotations;
  return { ...meta, annotations };
}

/**
 * Slices are by far the most of a cluster's objects, and they say the same few names again and again: of nodes, zones
 * and namespaces. Each is kept once. And of a slice that changes most endpoints stay as they were: new ones that say
 * the same would make the old ones garbage, which at hundreds of changes a second is what collecting costs.
 */
function slimSlice(slice: EndpointSlice, before: EndpointSlice | undefined): EndpointSlice {
  const { namespace } = slice.meta;
  return {
    ...slice,
    meta: sameOr(before?.meta, withoutCopy(slice.meta)),
    ports: sameOr(before?.ports, slice.ports),
    endpoints: slice.endpoints.map((one, i) => sameOr(before?.endpoints[i], slimEndpoint(one, namespace))),
  };
}

function slimEndpoint(endpoint: SliceEndpoint, namespace: string): SliceEndpoint {
  const { nodeName, zone, targetRef } = endpoint;
  return {
    ...endpoint,
    // A copy has no room to grow, which an array that was filled item by item has for sixteen more.
    addresses: endpoint.addresses.slice(),
    forZones: endpoint.forZones.length === 0 ? NONE : endpoint.forZones.map(shared),
    forNodes: endpoint.forNodes.length === 0 ? NONE : endpoint.forNodes.map(shared),
    ...(nodeName === undefined ? {} : { nodeName: shared(nodeName) }),
    ...(zone === undefined ? {} : { zone: shared(zone) }),
    ...(targetRef === undefined
      ? {}
      : {
          targetRef: {
            kind: shared(targetRef.kind),
            namespace: targetRef.namespace === namespace ? namespace : targetRef.namespace,
            name: targetRef.name,
          },
        }),
  };
}

/** Names of nodes come and go over months; a table that has grown too large is begun anew. */
const MOST_SHARED = 20_000;
const sharedTexts = new Map<string, string>();

function shared(text: string): string {
  const known = sharedTexts.get(text);
  if (known !== undefined) return known;
  if (sharedTexts.size >= MOST_SHARED) sharedTexts.clear();
  sharedTexts.set(text, text);
  return text;
}
