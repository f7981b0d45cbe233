import { canonicalAddress, familyOf } from '../kube/address.ts';
import { ANNOTATION_LEADER, LABEL_SKIP_MIRROR, MIRRORING_CONTROLLER } from '../kube/names.ts';
import type { EndpointSlice, Endpoints, EndpointsAddress, EndpointsSubset, SliceEndpoint } from '../kube/objects.ts';
import { IP_FAMILIES } from '../kube/protocol.ts';
import { MOST_ENDPOINTS_A_SLICE } from './controller.ts';
import { EndpointGroups, packSlices } from './pack.ts';

/** The mirroring controller's default for the addresses of one subset. */
const MOST_ADDRESSES_A_SUBSET = 1000;

/**
 * Endpoints written by hand for a Service without a selector, as slices (KEP-752, `endpointslicemirroring`). Objects
 * labelled skip-mirror and leader-election records are not mirrored.
 */
export function mirrorEndpoints(endpoints: Endpoints, headless: boolean): EndpointSlice[] {
  if (endpoints.meta.labels[LABEL_SKIP_MIRROR] === 'true') return [];
  if (endpoints.meta.annotations[ANNOTATION_LEADER] !== undefined) return [];
  const groups = new EndpointGroups();
  for (const subset of endpoints.subsets) addSubset(groups, subset);
  const owner = { meta: endpoints.meta, ownerKind: 'Endpoints', managedBy: MIRRORING_CONTROLLER, headless } as const;
  return IP_FAMILIES.flatMap(family => packSlices(owner, groups.of(family), MOST_ENDPOINTS_A_SLICE));
}

function addSubset(groups: EndpointGroups, subset: EndpointsSubset): void {
  let left = MOST_ADDRESSES_A_SUBSET;
  for (const [addresses, ready] of [
    [subset.addresses, true],
    [subset.notReadyAddresses, false],
  ] as const) {
    for (const address of addresses.slice(0, left)) {
      const ip = canonicalAddress(address.ip);
      if (ip !== undefined) groups.add(familyOf(ip), subset.ports, mirrored(ip, address, ready));
    }
    left = Math.max(0, left - addresses.length);
  }
}

function mirrored(ip: string, address: EndpointsAddress, ready: boolean): SliceEndpoint {
  return {
    addresses: [ip],
    ready,
    // Endpoints know nothing of serving and terminating; unset means serving and not terminating.
    serving: true,
    terminating: false,
    ...(address.hostname === undefined ? {} : { hostname: address.hostname }),
    ...(address.nodeName === undefined ? {} : { nodeName: address.nodeName }),
    ...(address.targetRef === undefined ? {} : { targetRef: address.targetRef }),
    forZones: [],
    forNodes: [],
  };
}
