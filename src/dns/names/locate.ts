import type { Directory } from '../directory/directory.ts';
import type { EndpointRecord, PortRecord, ServiceRecords } from '../directory/service-records.ts';
import { addressLabel, labelAddress, readReverseName } from './addresses.ts';
import type { Labels, Zone, Zones } from './name.ts';

/**
 * A name that exists, with what its records are made of (`records.ts`). An owner of nothing is an empty non-terminal: a
 * name below it has records (RFC 8020).
 */
export interface Owner {
  /** The zone whose apex this is. */
  readonly apex?: Zone;
  /** The only Service that the records depend on. */
  readonly service?: ServiceRecords;
  /** The records depend on no object. */
  readonly constant?: true;
  /** Of A and AAAA records. */
  readonly addresses?: readonly string[];
  /** Of SRV records. */
  readonly targets?: () => readonly Target[];
  /** Of PTR records, without the final dot. */
  readonly pointers?: readonly string[];
  /** Of a CNAME record, for all types. */
  readonly alias?: string;
  /** Of a TXT record. */
  readonly text?: string;
}

/** A target of SRV records with its addresses. */
export interface Target {
  readonly name: string;
  readonly port: number;
  readonly addresses: readonly string[];
  /** The number of (address, port) pairs that it stands for. */
  readonly pairs: number;
}

const EMPTY: Owner = {};
/** This machine (RFC 6761, 6.3). */
export const LOCALHOST: Owner = { addresses: ['127.0.0.1', '::1'], constant: true };
/** The version of the Kubernetes DNS specification that this server implements. */
const VERSION: Owner = { text: '1.1.0', constant: true };

/**
 * Finds the owner of a name in a forward zone; undefined if the name does not exist. This decides existence for all types
 * at once: a name exists if it or any name below it has a record of any type (RFC 2308, RFC 8020). Resolvers stop going
 * through search domains at a name that exists, so A and AAAA must agree.
 */
export function locate(name: Labels, zone: Zone, directory: Directory): Owner | undefined {
  const below = name.slice(0, name.length - zone.labels.length);
  const top = below.at(-1);
  switch (top) {
    case undefined:
      return { apex: zone };
    case 'svc':
      return locateService(below.slice(0, -1), zone, directory);
    case 'pod':
      return locatePod(below.slice(0, -1), directory);
    case 'dns':
      if (below.length === 1) return EMPTY;
      return below.length === 2 && below[0] === 'ns' ? { addresses: directory.options.serverAddresses } : undefined;
    case 'dns-version':
      return below.length === 1 ? VERSION : undefined;
    default:
      return undefined;
  }
}

/** @param labels those before `svc`: at most two labels, the Service, the namespace; there are no wildcards */
function locateService(labels: Labels, zone: Zone, directory: Directory): Owner | undefined {
  const namespace = labels.at(-1);
  const name = labels.at(-2);
  if (namespace === undefined) return EMPTY;
  if (name === undefined) return directory.namespaces.exists(namespace) ? EMPTY : undefined;
  const service = directory.service(namespace, name);
  if (service === undefined) return undefined;
  const [first, second, ...more] = labels.slice(0, -2);
  // An alias has no ports or endpoints.
  if (service.kind === 'alias') return first === undefined ? { service, alias: service.target } : undefined;
  if (first === undefined) return withTargets(service, zone, () => true, service.addresses);
  if (more.length > 0) return undefined;
  if (second !== undefined) return locatePort(service, zone, first, second);
  return first.startsWith('_') ? locateProtocol(service, first) : locateEndpoint(service, zone, first);
}

function locatePort(service: ServiceRecords, zone: Zone, portLabel: string, protocolLabel: string): Owner | undefined {
  if (!portLabel.startsWith('_') || portLabel.length === 1) return undefined;
  const matches = (port: PortRecord) =>
    `_${port.name.toLowerCase()}` === portLabel && protocolLabelOf(port) === protocolLabel;
  return hasPort(service, matches) ? withTargets(service, zone, matches) : undefined;
}

/** `_tcp.web...` exists if a named port of that protocol is below it. */
function locateProtocol(service: ServiceRecords, label: string): Owner | undefined {
  return hasPort(service, port => port.name !== '' && protocolLabelOf(port) === label) ? EMPTY : undefined;
}

function hasPort(service: ServiceRecords, matches: (port: PortRecord) => boolean): boolean {
  if (service.kind !== 'headless') return service.ports.some(matches);
  return [...service.endpoints.values()].some(all => all.some(endpoint => endpoint.ports.some(matches)));
}

function protocolLabelOf(port: PortRecord): string {
  return `_${port.protocol.toLowerCase()}`;
}

/** Finds endpoints by their label. An endpoint with a hostname has no name from its address. */
function locateEndpoint(service: ServiceRecords, zone: Zone, label: string): Owner | undefined {
  let endpoints = service.endpoints.get(label);
  if (endpoints === undefined) {
    // A client may have written the IPv6 address in another form.
    const spelt = labelAddress(label);
    if (spelt?.family !== 'IPv6') return undefined;
    endpoints = service.endpoints.get(addressLabel(spelt.address))?.filter(e => e.address === spelt.address) ?? [];
    if (endpoints.length === 0) return undefined;
  }
  const name = `${label}.${nameOf(service, zone)}`;
  return {
    service,
    addresses: endpoints.map(({ address }) => address),
    targets: () => endpoints.flatMap(endpoint => endpointTargets(endpoint, name, () => true)),
  };
}

/** The owner of SRV records for the ports of a Service. */
function withTargets(
  service: ServiceRecords,
  zone: Zone,
  matches: (port: PortRecord) => boolean,
  addresses: readonly string[] = [],
): Owner {
  const name = nameOf(service, zone);
  // A Service without an address still counts as one target.
  const pairs = Math.max(1, service.addresses.length);
  const targets = () =>
    service.kind === 'headless'
      ? [...service.endpoints.values()]
          .flat()
          .flatMap(endpoint => endpointTargets(endpoint, `${endpoint.label}.${name}`, matches))
      : service.ports.filter(matches).map(({ port }) => ({ name, port, addresses: service.addresses, pairs }));
  return { service, addresses, targets };
}

function endpointTargets(endpoint: EndpointRecord, name: string, matches: (port: PortRecord) => boolean): Target[] {
  return endpoint.ports.filter(matches).map(({ port }) => ({ name, port, addresses: [endpoint.address], pairs: 1 }));
}

function nameOf({ name, namespace }: ServiceRecords, zone: Zone): string {
  return `${name}.${namespace}.svc.${zone.text}`;
}

/** @param labels those before `pod`: an address, the namespace */
function locatePod(labels: Labels, directory: Directory): Owner | undefined {
  const namespace = labels.at(-1);
  if (namespace === undefined) return EMPTY;
  const mode = directory.options.pods;
  if (mode === 'disabled' || !directory.namespaces.exists(namespace) || labels.length > 2) return undefined;
  const label = labels.at(-2);
  if (label === undefined) return EMPTY;
  const address = labelAddress(label);
  if (address === undefined) return undefined;
  if (mode === 'verified' && !directory.pods.has(namespace, address.address)) return undefined;
  return { addresses: [address.address] };
}

/** Finds the owner of a reverse name, whether or not its zone is ours. */
export function locateReverse(name: Labels, directory: Directory, zones: Zones): Owner | undefined {
  const reverse = readReverseName(name);
  if (reverse?.kind === 'prefix') return directory.hasBelow(reverse.text) ? EMPTY : undefined;
  if (reverse?.kind !== 'address') return undefined;
  // On a laptop endpoints may have loopback addresses, but programs expect `localhost`.
  if (reverse.address === '127.0.0.1' || reverse.address === '::1') return { pointers: ['localhost'] };
  const names = directory.namesOf(reverse.address);
  if (names.length === 0) return undefined;
  return { pointers: names.map(owner => `${owner}.svc.${zones.main.text}`) };
}
