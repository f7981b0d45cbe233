import { canonicalAddress } from '../../net/index.ts';
import type { ReadOptions } from '../fault.ts';
import type { Endpoints, EndpointsAddress, EndpointsSubset } from '../objects.ts';
import { faultAmbiguousAddress, rejectSpecialEndpoint } from './addresses.ts';
import { readProtocol } from './enums.ts';
import type { Field } from './field.ts';
import { dnsLabelProblem, dnsSubdomainProblem } from './grammar.ts';
import { ENDPOINTS_ADDRESS_FIELDS, ENDPOINTS_FIELDS, SLICE_PORT_FIELDS, SUBSET_FIELDS } from './known-fields.ts';
import { readMeta } from './meta.ts';
import { readPort } from './numbers.ts';
import { readOptionalName } from './optional-name.ts';
import { readAppProtocol } from './service-ports.ts';
import { readReference } from './slice.ts';
import { shown } from './wording.ts';

/** v1 Endpoints, the predecessor of EndpointSlices. */
export function readEndpoints(root: Field, options: ReadOptions): Endpoints {
  root.noteUnknownFields(ENDPOINTS_FIELDS);
  return {
    kind: 'Endpoints',
    meta: readMeta(root.child('metadata'), options, { scope: 'namespaced' }),
    subsets: root.child('subsets').items().map(readSubset),
  };
}

function readSubset(field: Field): EndpointsSubset {
  field.noteUnknownFields(SUBSET_FIELDS);
  const ready = field.child('addresses').items();
  const notReady = field.child('notReadyAddresses').items();
  if (ready.length + notReady.length === 0 && field.isMapping) {
    field.fault('the subset has no addresses', 'write addresses or notReadyAddresses below it, or remove it');
  }
  const ports = field.child('ports').items();
  return {
    addresses: ready.flatMap(item => readAddress(item) ?? []),
    notReadyAddresses: notReady.flatMap(item => readAddress(item) ?? []),
    ports: ports.flatMap(item => readSubsetPort(item, { several: ports.length > 1 }) ?? []),
  };
}

function readAddress(field: Field): EndpointsAddress | undefined {
  field.noteUnknownFields(ENDPOINTS_ADDRESS_FIELDS);
  const ipField = field.child('ip');
  const text = ipField.string() ?? '';
  const ip = canonicalAddress(text);
  if (ip !== undefined) {
    faultAmbiguousAddress(ipField, text, ip);
    rejectSpecialEndpoint(ipField, ip);
  } else if (ipField.isText) ipField.fault(`${shown(text)} is not an IP address`, 'write an IPv4 or IPv6 address');
  const hostname = readOptionalName(field.child('hostname'), dnsLabelProblem);
  const nodeField = field.child('nodeName');
  const nodeName = nodeField.isSet ? readOptionalName(nodeField, dnsSubdomainProblem) : undefined;
  const targetRef = readReference(field.child('targetRef'));
  if (ip === undefined) return undefined;
  return {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(targetRef === undefined ? {} : { targetRef }),
  };
}

function readSubsetPort(
  field: Field,
  rules: { readonly several: boolean },
): EndpointsSubset['ports'][number] | undefined {
  field.noteUnknownFields(SLICE_PORT_FIELDS);
  const nameField = field.child('name');
  const name = nameField.string() ?? '';
  if (name === '' && rules.several && nameField.isText) {
    nameField.fault('the port has no name; each port needs one if there is more than one', 'give it a name');
  }
  const problem = name === '' ? undefined : dnsLabelProblem(name);
  if (problem !== undefined) nameField.fault(`${shown(name)} ${problem}`, 'choose another name');
  const port = readPort(field.child('port'));
  const protocol = readProtocol(field.child('protocol'));
  const appProtocol = readAppProtocol(field.child('appProtocol'));
  if (port === undefined || protocol === undefined) return undefined;
  return { name, port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) };
}
