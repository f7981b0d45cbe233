import {
  type EndpointSlice,
  keyOf,
  LABEL_MANAGED_BY,
  MIRRORING_CONTROLLER,
  type Service,
  SLICE_CONTROLLER,
} from '../kube/index.ts';
import type { ObjectStore } from '../world/index.ts';
import { makeSlices } from './controller.ts';
import { mirrorEndpoints } from './mirror.ts';
import { applyPins, PIN } from './pins.ts';
import type { SkippedPod } from './skipped-pod.ts';

/**
 * Where a Service's slices come from: computed from its selector; found in the inputs (from a control plane or manually
 * written); mirrored from Endpoints; or none.
 */
export type EndpointsOrigin = 'selector' | 'slices' | 'endpoints' | 'none';

export interface ServiceEndpoints {
  readonly origin: EndpointsOrigin;
  readonly slices: readonly EndpointSlice[];
  readonly skippedPods: readonly SkippedPod[];
  /** The number of pods that the selector matches. */
  readonly selected: number;
}

/**
 * The slices of a Service. Slices of a control plane are used unchanged: they are what its cluster does, and the pods of a
 * snapshot may be older or newer. Manually written slices count for any Service.
 */
export function serviceEndpoints(service: Service, store: ObjectStore): ServiceEndpoints {
  const found = findSlices(service, store);
  const slices = applyPins(found.slices);
  if (slices === found.slices) return found;
  const pinned = new Set(
    slices.filter(slice => slice.meta.labels[PIN] !== undefined).flatMap(slice => slice.ports.map(port => port.name)),
  );
  const all = service.ports.every(port => pinned.has(port.name));
  const skippedPods = all
    ? []
    : found.skippedPods.filter(skipped => skipped.portName === undefined || !pinned.has(skipped.portName));
  return { ...found, slices, skippedPods };
}

function findSlices(service: Service, store: ObjectStore): ServiceEndpoints {
  if (service.type === 'ExternalName') return { origin: 'none', slices: [], skippedPods: [], selected: 0 };
  const key = keyOf(service.meta);
  const existing = store.slicesOf(key);
  const managed = existing.some(slice => slice.meta.labels[LABEL_MANAGED_BY] === SLICE_CONTROLLER);
  const hasSelector = Object.keys(service.selector ?? {}).length > 0;
  if (hasSelector) {
    const pods = store.podsSelectedBy(service);
    if (managed) return { origin: 'slices', slices: existing, skippedPods: [], selected: pods.length };
    const made = makeSlices(service, pods, store);
    return {
      origin: 'selector',
      slices: [...made.slices, ...existing],
      skippedPods: made.skippedPods,
      selected: pods.length,
    };
  }
  const endpoints = store.endpointsOf(key);
  const mirroredAlready = existing.some(slice => slice.meta.labels[LABEL_MANAGED_BY] === MIRRORING_CONTROLLER);
  const mirrors = endpoints === undefined || mirroredAlready ? [] : mirrorEndpoints(endpoints, service.headless);
  if (existing.length > 0) return { origin: 'slices', slices: [...existing, ...mirrors], skippedPods: [], selected: 0 };
  return { origin: mirrors.length > 0 ? 'endpoints' : 'none', slices: mirrors, skippedPods: [], selected: 0 };
}
