import {
  type EndpointSlice,
  LABEL_SERVICE_NAME,
  type Pod,
  type ServicePort,
  type SliceEndpoint,
} from '../kube/index.ts';
import { familyOf } from '../net/index.ts';

/** Marks a slice whose endpoints replace all others of its ports, and a pod whose ports all have one number. */
export const PIN = 'switchboard.local/pinned';

/** Slices that make the given endpoints the only ones of a Service port, until the slices are deleted. */
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

/** Removes pinned ports from all other slices, so that the endpoints that the user names are the only ones. */
export function applyPins(slices: readonly EndpointSlice[]): readonly EndpointSlice[] {
  const pinned = slices.filter(slice => slice.meta.labels[PIN] !== undefined);
  if (pinned.length === 0) return slices;
  const taken = new Set(pinned.flatMap(slice => slice.ports.map(port => `${port.name}/${port.protocol}`)));
  const others = slices
    .filter(slice => slice.meta.labels[PIN] === undefined)
    .map(slice => ({ ...slice, ports: slice.ports.filter(port => !taken.has(`${port.name}/${port.protocol}`)) }));
  return [...pinned, ...others];
}

/** The number that all ports of a pod lead to, if the user has set one. */
export function pinnedPort(pod: Pod): number | undefined {
  const text = pod.meta.annotations[PIN];
  return text === undefined ? undefined : Number(text);
}
