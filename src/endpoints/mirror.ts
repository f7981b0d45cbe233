import { canonicalAddress, familyOf } from '../kube/address.ts';
import { ANNOTATION_LEADER, LABEL_SKIP_MIRROR, MIRRORING_CONTROLLER } from '../kube/names.ts';
import type { EndpointSlice, Endpoints, EndpointsAddress, EndpointsSubset, SliceEndpoint } from '../kube/objects.ts';
import { IP_FAMILIES } from '../kube/protocol.ts';
import { MAX_ENDPOINTS_PER_SLICE } from './controller.ts';
import { EndpointGroups, packSlices } from './pack.ts';

/** The mirroring controller's default for the addresses of one subset. */
const MOST_ADDRESSES_A_SUBSET = 1000;

/**
 * Mirrors manually written Endpoints of a Service without a selector to slices (KEP-752, `endpointslicemirroring`).
 * Objects with the skip-mirror label and leader-election records are not mirrored.
 */
export function mirrorEndpoints(endpoints: Endpoints, headless: boolean): EndpointSlice[] {
  if (endpoints.meta.labels[LABEL_SKIP_MIRROR] === 'true') return [];
  if (endpoints.meta.annotations[ANNOTATION_LEADER] !== undefined) return [];
  const groups = new EndpointGroups();
  for (const subset of endpoints.subsets) addSubset(groups, subset);
  const owner = { meta: endpoints.meta, ownerKind: 'Endpoints', managedBy: MIRRORING_CONTROLLER, headless } as const;
  return IP_FAMILIES.flatMap(family => packSlices(owner, groups.of(family), MAX_ENDPOINTS_PER_SLICE));
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
    // Endpoints have no serving and terminating conditions; unset means serving and not terminating.
    serving: true,
    terminating: false,
    ...(address.hostname === undefined ? {} : { hostname: address.hostname }),
    ...(address.nodeName === undefined ? {} : { nodeName: address.nodeName }),
    ...(address.targetRef === undefined ? {} : { targetRef: address.targetRef }),
    forZones: [],
    forNodes: [],
  };
}
