import { familyOf } from '../kube/address.ts';
import { LABEL_SERVICE_NAME } from '../kube/names.ts';
import type { EndpointSlice, Pod, ServicePort, SliceEndpoint } from '../kube/objects.ts';

/** Marks a slice whose endpoints stand in for all others of its ports, and a pod whose ports are all one number. */
export const PIN = 'switchboard.local/pinned';

/** A slice that makes `address` and `port` the one endpoint of a Service port, until `delete`d. */
export function pinnedSlice(
  service: { readonly namespace: string; readonly name: string },
  port: Pick<ServicePort, 'name' | 'protocol'>,
  endpoints: readonly { readonly address: string; readonly port: number }[],
): EndpointSlice[] {
  return endpoints.map(({ address, port: number }, index) => ({
    kind: 'EndpointSlice',
    meta: {
      name: `${service.name}-${port.name === '' ? 'port' : port.name}-pinned-${index}`,
      namespace: service.namespace,
      labels: { [LABEL_SERVICE_NAME]: service.name, [PIN]: 'true' },
      annotations: {},
      owners: [],
    },
    addressType: familyOf(address),
    ports: [{ name: port.name, protocol: port.protocol, port: number }],
    endpoints: [pinnedEndpoint(address)],
  }));
}

function pinnedEndpoint(address: string): SliceEndpoint {
  return { addresses: [address], ready: true, serving: true, terminating: false, forZones: [], forNodes: [] };
}

/** Takes the pinned ports away from all other slices: what the user names by hand is the only endpoint then. */
export function applyPins(slices: readonly EndpointSlice[]): readonly EndpointSlice[] {
  const pinned = slices.filter(slice => slice.meta.labels[PIN] !== undefined);
  if (pinned.length === 0) return slices;
  const taken = new Set(pinned.flatMap(slice => slice.ports.map(port => `${port.name}/${port.protocol}`)));
  const others = slices
    .filter(slice => slice.meta.labels[PIN] === undefined)
    .map(slice => ({ ...slice, ports: slice.ports.filter(port => !taken.has(`${port.name}/${port.protocol}`)) }));
  return [...pinned, ...others];
}

/** The number that every port of a pod leads to, where the user gave one by hand. */
export function pinnedPort(pod: Pod): number | undefined {
  const text = pod.meta.annotations[PIN];
  return text === undefined ? undefined : Number(text);
}
