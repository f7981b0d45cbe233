/** Kinds with few fields: Namespace, ServiceCIDR, ConfigMap. */
import { bytesOfBase64, canonicalBase64 } from '../base64.ts';
import type { ReadOptions } from '../fault.ts';
import type { Labels } from '../meta.ts';
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

const MAX_CONFIG_MAP_BYTES = 1024 * 1024;

export function readConfigMap(root: Field, options: ReadOptions): ConfigMap {
  root.noteUnknownFields(CONFIG_MAP_FIELDS);
  const dataField = root.child('data');
  const data = dataField.stringMap() ?? {};
  for (const key of Object.keys(data)) requireKey(dataField, key);
  return {
    kind: 'ConfigMap',
    meta: readMeta(root.child('metadata'), options, { scope: 'namespaced' }),
    data,
    ...(options.run === true ? { run: readConfigMapRun(root.forRunning(), data) } : {}),
  };
}

function requireKey(field: Field, key: string): void {
  const problem = configKeyProblem(key);
  if (problem !== undefined) field.keyed(key, key).fault(`the key ${shown(key)} ${problem}`, 'rename the key');
}

function readConfigMapRun(root: Field, data: Labels): NonNullable<ConfigMap['run']> {
  const field = root.child('binaryData');
  const binaryData: [string, string][] = [];
  let size = 0;
  for (const value of Object.values(data)) size += new TextEncoder().encode(value).length;
  for (const [key, item] of field.entries()) {
    requireKey(field, key);
    if (Object.hasOwn(data, key)) {
      root
        .child('data')
        .keyed(key, key)
        .fault(`the key ${shown(key)} is also in binaryData`, 'remove one of them');
    }
    const text = item.string() ?? '';
    const value = canonicalBase64(text);
    if (value === undefined) item.fault('the value is not base64', 'encode it with base64, or write it below data');
    size += bytesOfBase64(text)?.length ?? 0;
    binaryData.push([key, value ?? '']);
  }
  if (size > MAX_CONFIG_MAP_BYTES) {
    root.fault(`the values have ${size} bytes; at most ${MAX_CONFIG_MAP_BYTES} are allowed`, 'split the ConfigMap');
  }
  return { binaryData: Object.fromEntries(binaryData), immutable: root.child('immutable').boolean() ?? false };
}
