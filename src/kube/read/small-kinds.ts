/** Kinds with few fields: Namespace, ServiceCIDR, ConfigMap. */
import type { ReadOptions } from '../fault.ts';
import type { ConfigMap, Namespace, ServiceCIDR } from '../objects.ts';
import { readStrictCidr } from './addresses.ts';
import type { Field } from './field.ts';
import { configKeyProblem, dnsLabelProblem } from './grammar.ts';
import { CONFIG_MAP_FIELDS, OBJECT_FIELDS } from './known-fields.ts';
import { readMeta } from './meta.ts';
import { shown } from './wording.ts';

export function readNamespaceObject(root: Field, options: ReadOptions): Namespace {
  root.noteUnknownFields(OBJECT_FIELDS);
  const meta = readMeta(root.child('metadata'), options, { scope: 'cluster', nameProblem: dnsLabelProblem });
  // The API gives every namespace this label.
  return { kind: 'Namespace', meta: { ...meta, labels: { ...meta.labels, 'kubernetes.io/metadata.name': meta.name } } };
}

/** KEP-1880: at most one range of each family. */
export function readServiceCIDR(root: Field, options: ReadOptions): ServiceCIDR {
  root.noteUnknownFields(OBJECT_FIELDS);
  const field = root.child('spec').child('cidrs');
  const items = field.items();
  if (items.length === 0 && field.isList)
    field.fault('the ServiceCIDR has no range', 'write one, such as 10.96.0.0/16');
  const cidrs = items.flatMap(item => readStrictCidr(item) ?? []);
  if (items.length > 2)
    field.fault(`there are ${items.length} ranges; at most 2 are allowed`, 'keep one of each family');
  else if (cidrs.length === 2 && cidrs[0]?.family === cidrs[1]?.family) {
    field.fault('the ranges have the same family', 'keep one IPv4 and one IPv6 range');
  }
  return { kind: 'ServiceCIDR', meta: readMeta(root.child('metadata'), options, { scope: 'cluster' }), cidrs };
}

export function readConfigMap(root: Field, options: ReadOptions): ConfigMap {
  root.noteUnknownFields(CONFIG_MAP_FIELDS);
  const dataField = root.child('data');
  const data = dataField.stringMap() ?? {};
  for (const key of Object.keys(data)) {
    const problem = configKeyProblem(key);
    if (problem !== undefined) dataField.keyed(key, key).fault(`the key ${shown(key)} ${problem}`, 'rename the key');
  }
  return { kind: 'ConfigMap', meta: readMeta(root.child('metadata'), options, { scope: 'namespaced' }), data };
}
