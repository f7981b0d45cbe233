import type { Directory } from '../directory/directory.ts';
import type { PortRecord, ServiceRecords } from '../directory/service-records.ts';
import { addressLabel, labelAddress } from './address-label.ts';
import type { Labels } from './name.ts';
import type { Owner } from './owner.ts';
import type { Zone } from './zones.ts';

/**
 * What a name in a forward zone is the name of; undefined if it does not exist. Existence is decided here, for all types
 * at once: a name exists if it, or any name below it, owns a record of any type (RFC 2308, RFC 8020). Search lists stop
 * at a name that exists and go on at one that does not, so a resolver must hear the same for A and AAAA.
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

/** Labels left of `svc`: namespace last, then the Service, then at most two more. There are no wildcards. */
function locateService(labels: Labels, directory: Directory): Owner | undefined {
  const namespace = labels.at(-1);
  const service = labels.at(-2);
  if (namespace === undefined) return EMPTY;
  if (service === undefined) return directory.namespaces.exists(namespace) ? EMPTY : undefined;
  const records = directory.service(namespace, service);
  if (records === undefined) return undefined;
  const below = labels.slice(0, -2);
  // Ports and endpoints of an alias mean nothing.
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

/** `_tcp.web...` is there if a named port of that protocol is below it. */
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

/** RFC 2782: the protocol's symbolic name with an underscore. */
function protocolLabelOf(port: PortRecord): string {
  return `_${port.protocol.toLowerCase()}`;
}

/** By the name that the endpoint has: one with a hostname is not found by its address, too. */
function locateEndpoint(records: ServiceRecords, label: string): Owner | undefined {
  const direct = records.endpoints.get(label);
  if (direct !== undefined) return { kind: 'endpoint', records, endpoints: direct };
  // An IPv6 address has many spellings, and a client may have made the label itself.
  const spelt = labelAddress(label);
  if (spelt?.family !== 'IPv6') return undefined;
  const endpoints = records.endpoints.get(addressLabel(spelt.address))?.filter(e => e.address === spelt.address);
  return endpoints === undefined || endpoints.length === 0 ? undefined : { kind: 'endpoint', records, endpoints };
}

/** Labels left of `pod`: the namespace, and before it one label that spells an address. */
function locatePod(labels: Labels, directory: Directory): Owner | undefined {
  const namespace = labels.at(-1);
  if (namespace === undefined) return EMPTY;
  const mode = directory.settings.pods;
  if (mode === 'disabled' || !directory.namespaces.exists(namespace) || labels.length > 2) return undefined;
  const label = labels.at(-2);
  if (label === undefined) return EMPTY;
  const address = labelAddress(label);
  if (address === undefined) return undefined;
  if (mode === 'verified' && !directory.pods.has(namespace, address.address)) return undefined;
  return { kind: 'pod', address };
}
