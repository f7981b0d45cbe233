/**
 * Changes received from the cluster, as far as metrics need them: the Service, its families, and since when its endpoints
 * have been changing.
 *
 * @module
 */
import { type EndpointSlice, keyOf, LABEL_SERVICE_NAME, type ObjectEvent, type ObjectKey } from '../kube/index.ts';
import { IP_FAMILIES, type IpFamily } from '../net/index.ts';
import type { ObjectStore } from '../world/index.ts';

/** On slices: when the first pod or Service change happened that the slice reflects. */
const TRIGGER = 'endpoints.kubernetes.io/last-change-trigger-time';

export interface Arrival {
  readonly kind: 'Service' | 'EndpointSlice';
  /** `namespace/name` of the Service; undefined: a slice without a Service. */
  readonly service: ObjectKey | undefined;
  /** As in kube-proxy, a Service counts for both families, and a slice for its own. */
  readonly families: readonly IpFamily[];
  /** Milliseconds since the epoch. */
  readonly triggeredAt?: number;
}

/** @param store its state before the events, to look up deleted slices */
export function arrivalsOf(events: readonly ObjectEvent[], store: ObjectStore): Arrival[] {
  const arrivals: Arrival[] = [];
  for (const event of events) {
    const kind = event.type === 'set' ? event.object.kind : event.kind;
    if (kind === 'Service') {
      const service = event.type === 'set' ? keyOf(event.object.meta) : keyOf(event);
      arrivals.push({ kind, service, families: IP_FAMILIES });
    } else if (kind === 'EndpointSlice') {
      const slice = event.type === 'set' ? event.object : store.slice(keyOf(event));
      if (slice?.kind === 'EndpointSlice') arrivals.push(ofSlice(slice, event.type === 'set'));
    }
  }
  return arrivals;
}

function ofSlice(slice: EndpointSlice, isPresent: boolean): Arrival {
  const name = slice.meta.labels[LABEL_SERVICE_NAME];
  const families = IP_FAMILIES.filter(family => family === slice.addressType);
  const service = name === undefined ? undefined : keyOf({ namespace: slice.meta.namespace, name });
  // The annotation of a deleted slice belongs to an earlier change.
  const triggeredAt = isPresent ? Date.parse(slice.meta.annotations[TRIGGER] ?? '') : Number.NaN;
  return { kind: 'EndpointSlice', service, families, ...(Number.isNaN(triggeredAt) ? {} : { triggeredAt }) };
}
