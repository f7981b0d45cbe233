import { canonicalAddress, familyOf, PROTOCOLS } from '../../net/index.ts';
import type { ReadOptions } from '../fault.ts';
import type { EndpointSlice, ObjectReference, SliceEndpoint, SlicePort } from '../objects.ts';
import { faultAmbiguousAddress, rejectSpecialEndpoint } from './addresses.ts';
import { readChoice } from './enums.ts';
import type { Field } from './field.ts';
import { dnsLabelProblem, dnsSubdomainProblem, labelValueProblem } from './grammar.ts';
import { SLICE_CONDITION_FIELDS, SLICE_ENDPOINT_FIELDS, SLICE_FIELDS, SLICE_PORT_FIELDS } from './known-fields.ts';
import { readMeta } from './meta.ts';
import { isPortNumber } from './numbers.ts';
import { readOptionalName } from './optional-name.ts';
import { readAppProtocol } from './service-ports.ts';
import { shown } from './wording.ts';

const ADDRESS_TYPES = ['IPv4', 'IPv6', 'FQDN'] as const;
type AddressType = (typeof ADDRESS_TYPES)[number];

const MAX = { endpoints: 1000, addresses: 100, ports: 20_000, hints: 8 };

export function readEndpointSlice(root: Field, options: ReadOptions): EndpointSlice {
  root.noteUnknownFields(SLICE_FIELDS);
  const meta = readMeta(root.child('metadata'), options, { scope: 'namespaced' });
  const typeField = root.child('addressType');
  const addressType = typeField.text() === undefined ? undefined : readChoice(typeField, ADDRESS_TYPES);
  if (typeField.isText && typeField.text() === undefined) {
    typeField.fault('the address type is missing', 'write addressType: IPv4, or IPv6');
  }
  const endpoints = root.child('endpoints');
  return {
    kind: 'EndpointSlice',
    meta,
    addressType: addressType ?? 'IPv4',
    ports: readSlicePorts(root.child('ports')),
    endpoints: isTooMany(endpoints, MAX.endpoints)
      ? []
      : endpoints.items().map(item => readEndpoint(item, addressType)),
  };
}

function isTooMany(field: Field, max: number): boolean {
  const count = field.items().length;
  if (count > max) field.fault(`there are ${count}; at most ${max} are allowed`, 'split them over more slices');
  return count > max;
}

function readSlicePorts(field: Field): readonly SlicePort[] {
  if (isTooMany(field, MAX.ports)) return [];
  const names = new Set<string>();
  return field.items().flatMap(item => {
    item.noteUnknownFields(SLICE_PORT_FIELDS);
    const nameField = item.child('name');
    const name = nameField.string() ?? '';
    const problem = name === '' ? undefined : dnsLabelProblem(name);
    if (problem !== undefined) nameField.fault(`${shown(name)} ${problem}`, 'choose another name');
    if (names.has(name)) {
      const which = name === '' ? 'has no name either' : `is already named ${shown(name)}`;
      nameField.fault(`another port ${which}`, 'give each port a different name');
    }
    names.add(name);
    // Unlike in a Service, empty text does not mean the default.
    const protocol = item.child('protocol').isMissing ? 'TCP' : readChoice(item.child('protocol'), PROTOCOLS);
    const port = readSlicePort(item.child('port'));
    const appProtocol = readAppProtocol(item.child('appProtocol'));
    if (protocol === undefined) return [];
    return {
      name,
      protocol,
      ...(port === undefined ? {} : { port }),
      ...(appProtocol === undefined ? {} : { appProtocol }),
    };
  });
}

/** The API accepts any number here; a proxy ignores a number that is not a port. */
function readSlicePort(field: Field): number | undefined {
  const port = field.integer();
  if (port === undefined || port === 0 || isPortNumber(port)) return port;
  field.note(`${port} is not a port number, so the port is ignored`, 'write a number from 1 to 65535');
  return undefined;
}

/** The API's defaults for absent conditions: ready, serving, not terminating. */
function readEndpoint(field: Field, addressType: AddressType | undefined): SliceEndpoint {
  field.noteUnknownFields(SLICE_ENDPOINT_FIELDS);
  const conditions = field.child('conditions');
  conditions.noteUnknownFields(SLICE_CONDITION_FIELDS);
  // Unlike in a Pod, empty text is an invalid name, not an absent one.
  const hostField = field.child('hostname');
  const hostname = readOptionalName(hostField, dnsLabelProblem, hostField.string());
  const nodeField = field.child('nodeName');
  const nodeName = readOptionalName(nodeField, dnsSubdomainProblem, nodeField.string());
  const zone = field.child('zone').text();
  const targetRef = readReference(field.child('targetRef'));
  const hints = field.child('hints');
  return {
    addresses: readAddresses(field.child('addresses'), addressType),
    ready: conditions.child('ready').boolean() ?? true,
    serving: conditions.child('serving').boolean() ?? true,
    terminating: conditions.child('terminating').boolean() ?? false,
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
    ...(targetRef === undefined ? {} : { targetRef }),
    forZones: readHints(hints.child('forZones'), labelValueProblem),
    forNodes: readHints(hints.child('forNodes'), dnsSubdomainProblem),
  };
}

function readAddresses(field: Field, addressType: AddressType | undefined): readonly string[] {
  const items = field.items();
  if (items.length === 0 && field.isList) field.fault('the endpoint has no address', 'give it one');
  if (isTooMany(field, MAX.addresses)) return [];
  return items.flatMap(item => {
    const text = item.string() ?? '';
    if (!item.isText || addressType === undefined) return [];
    return (addressType === 'FQDN' ? readHostName(item, text) : readIP(item, text, addressType)) ?? [];
  });
}

function readHostName(field: Field, text: string): string {
  const name = text.replace(/\.$/, '');
  const problem = name === '' ? 'is empty' : dnsSubdomainProblem(name);
  if (problem !== undefined) field.fault(`${shown(text)} ${problem}`, 'write a full DNS name, such as db.example.com');
  else if (!name.includes('.')) {
    field.fault(`${shown(text)} has no dot, so it is not a full DNS name`, 'write one, such as db.example.com');
  }
  return text;
}

/** IPv6 addresses must be canonical: the API requires it since EndpointSlice v1. */
function readIP(field: Field, text: string, family: 'IPv4' | 'IPv6'): string | undefined {
  const address = canonicalAddress(text);
  if (address === undefined || familyOf(address) !== family) {
    field.fault(`${shown(text)} is not an ${family} address`, `write an ${family} address, or change addressType`);
    return undefined;
  }
  faultAmbiguousAddress(field, text, address);
  if (family === 'IPv6' && address !== text) {
    field.fault(`${shown(text)} is not in canonical form`, `write ${address}`);
    return undefined;
  }
  rejectSpecialEndpoint(field, address);
  return address;
}

export function readReference(field: Field): ObjectReference | undefined {
  if (!field.isSet) return undefined;
  return {
    kind: field.child('kind').string() ?? '',
    namespace: field.child('namespace').string() ?? '',
    name: field.child('name').string() ?? '',
  };
}

function readHints(field: Field, problemOf: (name: string) => string | undefined): readonly string[] {
  if (isTooMany(field, MAX.hints)) return [];
  const seen = new Set<string>();
  return field.items().map(item => {
    const nameField = item.child('name');
    const name = nameField.string() ?? '';
    const problem = nameField.isText ? problemOf(name) : undefined;
    if (problem !== undefined) nameField.fault(`${shown(name)} ${problem}`, 'choose another name');
    if (seen.has(name)) nameField.fault(`${shown(name)} is listed twice`, 'remove one');
    seen.add(name);
    return name;
  });
}
