import type { Directory } from '../directory/directory.ts';
import type { EndpointRecord, PortRecord, ServiceRecords } from '../directory/service-records.ts';
import { addressLabel, type LabelAddress, labelAddress, readReverseName } from './addresses.ts';
import type { Labels } from './name.ts';
import type { Zone, Zones } from './zones.ts';

/** What a name that exists stands for. `records/` builds its records. */
export type Owner =
  /** The apex of a zone. */
  | { readonly kind: 'apex'; readonly zone: Zone }
  /** An empty non-terminal: has no records, but a name below it has (RFC 8020). */
  | { readonly kind: 'empty' }
  /** `ns.dns.ZONE` */
  | { readonly kind: 'server' }
  /** `dns-version.ZONE` */
  | { readonly kind: 'version' }
  | { readonly kind: 'service'; readonly records: ServiceRecords }
  | { readonly kind: 'alias'; readonly records: ServiceRecords }
  | { readonly kind: 'endpoint'; readonly records: ServiceRecords; readonly endpoints: readonly EndpointRecord[] }
  | { readonly kind: 'port'; readonly records: ServiceRecords; readonly matches: (port: PortRecord) => boolean }
  | { readonly kind: 'pod'; readonly address: LabelAddress }
  /** A reverse name; `targets` without the final dot. */
  | { readonly kind: 'pointer'; readonly targets: readonly string[] }
  /** This machine (RFC 6761, 6.3). */
  | { readonly kind: 'localhost' };

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
      return { kind: 'apex', zone };
    case 'svc':
      return locateService(below.slice(0, -1), directory);
    case 'pod':
      return locatePod(below.slice(0, -1), directory);
    case 'dns':
      if (below.length === 1) return EMPTY;
      return below.length === 2 && below[0] === 'ns' ? { kind: 'server' } : undefined;
    case 'dns-version':
      return below.length === 1 ? { kind: 'version' } : undefined;
    default:
      return undefined;
  }
}

const EMPTY: Owner = { kind: 'empty' };

/** @param labels those before `svc`: at most two labels, the Service, the namespace; there are no wildcards */
function locateService(labels: Labels, directory: Directory): Owner | undefined {
  const namespace = labels.at(-1);
  const service = labels.at(-2);
  if (namespace === undefined) return EMPTY;
  if (service === undefined) return directory.namespaces.exists(namespace) ? EMPTY : undefined;
  const records = directory.service(namespace, service);
  if (records === undefined) return undefined;
  const below = labels.slice(0, -2);
  // An alias has no ports or endpoints.
  if (records.kind === 'alias') return below.length === 0 ? { kind: 'alias', records } : undefined;
  const [first, second] = below;
  if (first === undefined) return { kind: 'service', records };
  if (below.length > 2) return undefined;
  if (second !== undefined) return locatePort(records, first, second);
  return first.startsWith('_') ? locateProtocol(records, first) : locateEndpoint(records, first);
}

function locatePort(records: ServiceRecords, portLabel: string, protocolLabel: string): Owner | undefined {
  if (!portLabel.startsWith('_') || portLabel.length === 1) return undefined;
  const matches = (port: PortRecord) =>
    `_${port.name.toLowerCase()}` === portLabel && protocolLabelOf(port) === protocolLabel;
  return hasPort(records, matches) ? { kind: 'port', records, matches } : undefined;
}

/** `_tcp.web...` exists if a named port of that protocol is below it. */
function locateProtocol(records: ServiceRecords, label: string): Owner | undefined {
  return hasPort(records, port => port.name !== '' && protocolLabelOf(port) === label) ? EMPTY : undefined;
}

function hasPort(records: ServiceRecords, matches: (port: PortRecord) => boolean): boolean {
  if (records.kind !== 'headless') return records.ports.some(matches);
  for (const endpoints of records.endpoints.values()) {
    if (endpoints.some(endpoint => endpoint.ports.some(matches))) return true;
  }
  return false;
}

function protocolLabelOf(port: PortRecord): string {
  return `_${port.protocol.toLowerCase()}`;
}

/** Finds endpoints by their label. An endpoint with a hostname has no name from its address. */
function locateEndpoint(records: ServiceRecords, label: string): Owner | undefined {
  const direct = records.endpoints.get(label);
  if (direct !== undefined) return { kind: 'endpoint', records, endpoints: direct };
  // A client may have written the IPv6 address in another form.
  const spelt = labelAddress(label);
  if (spelt?.family !== 'IPv6') return undefined;
  const endpoints = records.endpoints.get(addressLabel(spelt.address))?.filter(e => e.address === spelt.address);
  return endpoints === undefined || endpoints.length === 0 ? undefined : { kind: 'endpoint', records, endpoints };
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
  return { kind: 'pod', address };
}

/** Finds the owner of a reverse name, whether or not its zone is ours. */
export function locateAddress(name: Labels, directory: Directory, zones: Zones): Owner | undefined {
  const reverse = readReverseName(name);
  if (reverse?.kind !== 'address') return undefined;
  // On a laptop endpoints may have loopback addresses, but programs expect `localhost`.
  if (reverse.address === '127.0.0.1' || reverse.address === '::1') return { kind: 'pointer', targets: ['localhost'] };
  const names = directory.reverse.namesOf(reverse.address);
  if (names.length === 0) return undefined;
  return { kind: 'pointer', targets: names.map(owner => `${owner}.svc.${zones.main.text}`) };
}

/** Whether a reverse name is above that of a known address. */
export function isAboveAddress(name: Labels, directory: Directory): boolean {
  const reverse = readReverseName(name);
  return reverse?.kind === 'prefix' && directory.reverse.hasBelow(reverse.text);
}

/** Finds the owner of a name in one of our reverse zones. */
export function locateReverse(name: Labels, zone: Zone, directory: Directory, zones: Zones): Owner | undefined {
  if (name.length === zone.labels.length) return { kind: 'apex', zone };
  const owner = locateAddress(name, directory, zones);
  if (owner !== undefined) return owner;
  return isAboveAddress(name, directory) ? { kind: 'empty' } : undefined;
}
