/**
 * Converts an item of the API to an object with only the fields that Switchboard needs. Drops the parts that our
 * validation rejects but the cluster holds (an old object, a manually written slice), so that the rest still routes.
 *
 * @module
 */

import { sameOr } from '../../data/index.ts';
import type { EndpointSlice, Fault, KubeObject, ObjectMeta, ReadOptions, SliceEndpoint } from '../../kube/index.ts';
import { readObject } from '../../kube/read/index.ts';
import { prune } from './prune.ts';

export interface Projection {
  /** undefined: no part of it is valid. */
  readonly object: KubeObject | undefined;
  /** Why parts, or the whole object, were dropped. */
  readonly faults: readonly Fault[];
}

/** Each round removes every rejected part; without it, its parent may be invalid, too. */
const MAX_ROUNDS = 8;

/** @param before the previous object; unchanged parts of it are reused */
export function project(item: unknown, options: ReadOptions, before?: KubeObject): Projection {
  let faults: readonly Fault[] = [];
  let value = item;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const outcome = readObject(value, options);
    if (outcome.status === 'read') return { object: slim(outcome.object, before), faults };
    if (outcome.status === 'skipped') return { object: undefined, faults };
    // Later faults are about the absence of removed parts, which the first faults explain.
    if (round === 0) faults = outcome.faults;
    const pruned = prune(value, outcome.faults);
    if (pruned === undefined) break;
    value = pruned;
  }
  return { object: undefined, faults };
}

/** kubectl stores a copy of the whole object in it. */
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
 * Slices are most of a cluster's objects, and they repeat the same few names of nodes, zones and namespaces: each name
 * is stored once. When a slice changes, most of its endpoints do not; reusing them keeps garbage collection cheap at
 * hundreds of changes a second.
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
    // A copy has no spare capacity; an array filled item by item has room for sixteen more.
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

/** Node names come and go over months; the table starts over when it is full. */
const MAX_SHARED = 20_000;
const sharedTexts = new Map<string, string>();

function shared(text: string): string {
  const existing = sharedTexts.get(text);
  if (existing !== undefined) return existing;
  if (sharedTexts.size >= MAX_SHARED) sharedTexts.clear();
  sharedTexts.set(text, text);
  return text;
}
