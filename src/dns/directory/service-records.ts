import { serviceEndpoints } from '../../endpoints/index.ts';
import { familyOf } from '../../kube/address.ts';
import { keyOf, type ObjectKey, type Service, type SliceEndpoint, type SlicePort } from '../../kube/objects.ts';
import type { Protocol } from '../../kube/protocol.ts';
import type { ObjectStore } from '../../world/index.ts';
import { wireNameOf, withoutRoot } from '../names/name.ts';
import type { DnsSettings } from '../settings.ts';
import { endpointLabel } from './endpoint-name.ts';

export interface PortRecord {
  /** `''`: it has no name, and owns no `_name._proto`. */
  readonly name: string;
  readonly protocol: Protocol;
  /** What a client dials: the Service's port, the slice's for endpoints, or where it really listens on a laptop. */
  readonly port: number;
}

/** One address of a ready endpoint. */
export interface EndpointRecord {
  readonly label: string;
  readonly address: string;
  readonly ports: readonly PortRecord[];
}

/** What DNS knows of one Service; made anew when it is touched, and never changed. */
export interface ServiceRecords {
  readonly key: ObjectKey;
  readonly namespace: string;
  readonly name: string;
  /** `hidden`: the name does not exist, though the Service does. */
  readonly kind: 'clusterIP' | 'headless' | 'alias' | 'hidden';
  /** What the Service's own name leads to. */
  readonly addresses: readonly string[];
  /** Of a Service with a cluster IP. */
  readonly ports: readonly PortRecord[];
  /** Ready ones, by label; several may share one. */
  readonly endpoints: ReadonlyMap<string, readonly EndpointRecord[]>;
  /** Of an alias: without the root's dot, case as written. */
  readonly target: string;
}

/** The records of a Service as the store has it. Which endpoints there are, and on which ports, `serviceEndpoints` says. */
export function serviceRecords(service: Service, store: ObjectStore, settings: DnsSettings): ServiceRecords {
  const { namespace, name } = service.meta;
  const base = {
    key: keyOf(service.meta),
    namespace,
    name: name.toLowerCase(),
    addresses: [],
    ports: [],
    endpoints: new Map(),
    target: '',
  };
  if (service.type === 'ExternalName') {
    const target = aliasTarget(service.externalName ?? '');
    return target === undefined ? { ...base, kind: 'hidden' } : { ...base, kind: 'alias', target };
  }
  const endpoints = readyEndpoints(service, store, settings.endpointPodNames);
  if (service.headless) {
    // With nobody ready there is no name either: Kubernetes DNS specification 1.1.0, 2.4.1.
    const addresses = distinct([...endpoints.values()].flat().map(endpoint => endpoint.address));
    return { ...base, kind: addresses.length === 0 ? 'hidden' : 'headless', addresses, endpoints };
  }
  if (settings.ignoreEmptyServices && endpoints.size === 0) return { ...base, kind: 'hidden' };
  return { ...base, kind: 'clusterIP', ...frontend(service, settings), endpoints };
}

/** Where a Service is dialled: at its cluster IPs, or where its ports listen on this machine. */
function frontend(service: Service, settings: DnsSettings): Pick<ServiceRecords, 'addresses' | 'ports'> {
  const listeners = settings.listenersOf?.(keyOf(service.meta));
  const ports = service.ports.map(({ name, protocol, port }) => ({ name, protocol, port }));
  if (listeners === undefined) return { addresses: service.clusterIPs, ports };
  const at = (port: PortRecord): PortRecord[] => {
    const own = listeners.filter(l => l.portName === port.name && l.protocol === port.protocol);
    return distinct(own.map(l => l.port)).map(number => ({ ...port, port: number }));
  };
  return { addresses: distinct(listeners.map(l => l.address)), ports: ports.flatMap(at) };
}

/**
 * Every address of every ready endpoint, merged over slices. Nothing but `ready` counts: publishNotReadyAddresses is
 * folded into it where slices are made, and `serving` and `terminating` play no part (CoreDNS, object/endpoint.go).
 */
function readyEndpoints(service: Service, store: ObjectStore, byPodName: boolean): Map<string, EndpointRecord[]> {
  const found = new Map<string, { label: string; address: string; ports: PortRecord[] }>();
  for (const slice of serviceEndpoints(service, store).slices) {
    if (slice.addressType === 'FQDN') continue;
    const ports = portRecords(slice.ports);
    for (const endpoint of slice.endpoints) if (endpoint.ready) addEndpoint(found, endpoint, ports, byPodName);
  }
  return Map.groupBy(found.values(), endpoint => endpoint.label);
}

function addEndpoint(
  found: Map<string, { label: string; address: string; ports: PortRecord[] }>,
  endpoint: SliceEndpoint,
  ports: readonly PortRecord[],
  byPodName: boolean,
): void {
  for (const address of endpoint.addresses) {
    const label = endpointLabel(endpoint, address, byPodName);
    const id = `${label} ${address}`;
    const known = found.get(id);
    if (known === undefined) found.set(id, { label, address, ports: [...ports] });
    else known.ports.push(...ports.filter(port => !known.ports.some(other => samePort(port, other))));
  }
}

/** A slice port without a number means all ports: nothing that an SRV record could say. */
function portRecords(ports: readonly SlicePort[]): PortRecord[] {
  return ports.flatMap(({ name = '', protocol, port }) =>
    port === undefined || port === 0 ? [] : [{ name, protocol, port }],
  );
}

function samePort(a: PortRecord, b: PortRecord): boolean {
  return a.name === b.name && a.protocol === b.protocol && a.port === b.port;
}

/** An address is not a name: an alias to it would lead nowhere. */
function aliasTarget(externalName: string): string | undefined {
  const target = withoutRoot(externalName);
  const isAddress = /^[\d.]+$/.test(target) || target.includes(':');
  return target === '' || isAddress || wireNameOf(target) === undefined ? undefined : target;
}

/** Addresses of one family. */
export function ofFamily(addresses: readonly string[], family: 'IPv4' | 'IPv6'): string[] {
  return addresses.filter(address => familyOf(address) === family);
}

export function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
