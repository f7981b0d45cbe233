import { hash } from 'node:crypto';
import { serviceEndpoints } from '../../endpoints/index.ts';
import { keyOf, type ObjectKey, type Service, type SliceEndpoint, type SlicePort } from '../../kube/index.ts';
import type { Protocol } from '../../net/index.ts';
import type { ObjectStore } from '../../world/index.ts';
import { addressLabel } from '../names/addresses.ts';
import { wireNameOf, withoutRoot } from '../names/name.ts';
import type { RecordOptions } from '../record-options.ts';

export interface PortRecord {
  /** `''` if the port has no name, and so no record at `_name._proto`. */
  readonly name: string;
  readonly protocol: Protocol;
  /** The port to connect to: the Service's, the slice's for endpoints, or the one that listens on a laptop. */
  readonly port: number;
}

/** An address of a ready endpoint. */
export interface EndpointRecord {
  readonly label: string;
  readonly address: string;
  readonly ports: readonly PortRecord[];
}

/** The records of a Service. Immutable; rebuilt after a change. */
export interface ServiceRecords {
  readonly key: ObjectKey;
  readonly namespace: string;
  readonly name: string;
  readonly kind: 'clusterIP' | 'headless' | 'alias';
  /** The addresses of the Service's own name. */
  readonly addresses: readonly string[];
  /** The ports of a Service with a cluster IP. */
  readonly ports: readonly PortRecord[];
  /** Ready endpoints by label. Several may share a label. */
  readonly endpoints: ReadonlyMap<string, readonly EndpointRecord[]>;
  /** The target of an alias, without the final dot, in its original case. */
  readonly target: string;
}

/**
 * Builds the records of a Service from the store. `serviceEndpoints` determines its endpoints and their ports.
 *
 * @returns undefined if the name of the Service does not exist
 */
export function serviceRecords(
  service: Service,
  store: ObjectStore,
  options: RecordOptions,
): ServiceRecords | undefined {
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
    return target === undefined ? undefined : { ...base, kind: 'alias', target };
  }
  const endpoints = readyEndpoints(service, store, options);
  if (service.headless) {
    // Without a ready endpoint the name does not exist (Kubernetes DNS specification 1.1.0, 2.4.1).
    const addresses = distinct([...endpoints.values()].flat().map(endpoint => endpoint.address));
    return addresses.length === 0 ? undefined : { ...base, kind: 'headless', addresses, endpoints };
  }
  if (options.ignoreEmptyServices && endpoints.size === 0) return undefined;
  return { ...base, kind: 'clusterIP', ...frontend(service, options), endpoints };
}

/** The addresses and ports of a Service: its cluster IPs, or where its ports listen on this machine. */
function frontend(service: Service, options: RecordOptions): Pick<ServiceRecords, 'addresses' | 'ports'> {
  const listeners = options.listenersOf?.(keyOf(service.meta));
  const ports = service.ports.map(({ name, protocol, port }) => ({ name, protocol, port }));
  if (listeners === undefined) return { addresses: service.clusterIPs, ports };
  const at = (port: PortRecord): PortRecord[] => {
    const own = listeners.filter(l => l.portName === port.name && l.protocol === port.protocol);
    return distinct(own.map(l => l.port)).map(number => ({ ...port, port: number }));
  };
  return { addresses: distinct(listeners.map(l => l.address)), ports: ports.flatMap(at) };
}

type EndpointOptions = Pick<RecordOptions, 'endpointPodNames' | 'reachedAt'>;

/**
 * All addresses of ready endpoints, merged across slices. Only `ready` counts: the slice controller sets it for
 * publishNotReadyAddresses, and `serving` and `terminating` do not matter (CoreDNS, object/endpoint.go).
 */
function readyEndpoints(service: Service, store: ObjectStore, options: EndpointOptions): Map<string, EndpointRecord[]> {
  const found = new Map<string, { label: string; address: string; ports: PortRecord[] }>();
  for (const slice of serviceEndpoints(service, store).slices) {
    if (slice.addressType === 'FQDN') continue;
    const ports = portRecords(slice.ports);
    for (const endpoint of slice.endpoints) if (endpoint.ready) addEndpoint(found, endpoint, ports, options);
  }
  return Map.groupBy(found.values(), endpoint => endpoint.label);
}

function addEndpoint(
  found: Map<string, { label: string; address: string; ports: PortRecord[] }>,
  endpoint: SliceEndpoint,
  ports: readonly PortRecord[],
  { endpointPodNames, reachedAt }: EndpointOptions,
): void {
  for (const own of endpoint.addresses) {
    const address = reachedAt?.(own) ?? own;
    const label = endpointLabel(endpoint, address, endpointPodNames);
    const id = `${label} ${address}`;
    const known = found.get(id);
    if (known === undefined) found.set(id, { label, address, ports: [...ports] });
    else known.ports.push(...ports.filter(port => !known.ports.some(other => samePort(port, other))));
  }
}

/**
 * The label of an endpoint below its Service: its hostname, else the pod's name if the options ask for it and it is a
 * label, else the address with dashes (Kubernetes DNS specification 1.1.0, 2.4.1 leaves the last form open).
 */
function endpointLabel(endpoint: SliceEndpoint, address: string, byPodName: boolean): string {
  if (endpoint.hostname !== undefined && endpoint.hostname !== '') return endpoint.hostname.toLowerCase();
  const pod = endpoint.targetRef?.name;
  if (byPodName && pod !== undefined && pod.length <= 63 && !pod.includes('.')) return pod.toLowerCase();
  return addressLabel(address);
}

/** Leaves out ports without a number. They mean all ports, which SRV cannot express. */
function portRecords(ports: readonly SlicePort[]): PortRecord[] {
  return ports.flatMap(({ name = '', protocol, port }) =>
    port === undefined || port === 0 ? [] : [{ name, protocol, port }],
  );
}

function samePort(a: PortRecord, b: PortRecord): boolean {
  return a.name === b.name && a.protocol === b.protocol && a.port === b.port;
}

/** @returns undefined for an address: a CNAME to it would be useless */
function aliasTarget(externalName: string): string | undefined {
  const target = withoutRoot(externalName);
  const isAddress = /^[\d.]+$/.test(target) || target.includes(':');
  return target === '' || isAddress || wireNameOf(target) === undefined ? undefined : target;
}

export function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

/**
 * The part of the records that is kept for every Service: enough to detect a change, and the addresses for the reverse
 * index. Keeping the records of all Services took most of the memory of DNS.
 */
export interface ServiceSummary {
  /** A hash over everything that an answer could show. */
  readonly fingerprint: string;
  /** The Service's own addresses if they have PTR records. Shares the store's array if possible. */
  readonly frontends: readonly string[];
  /** The addresses of ready endpoints. */
  readonly endpoints: readonly string[];
}

const NONE: readonly string[] = [];

export function summaryOf(records: ServiceRecords): ServiceSummary {
  const frontends = records.kind === 'clusterIP' ? records.addresses : NONE;
  const endpoints = [...records.endpoints.values()].flatMap(all => all.map(endpoint => endpoint.address));
  // The records are plain data with a fixed order of fields.
  const fingerprint = hash('sha1', JSON.stringify([records, [...records.endpoints]]), 'binary');
  return { fingerprint, frontends, endpoints: endpoints.length === 0 ? NONE : endpoints };
}
