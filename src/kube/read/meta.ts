import type { ReadOptions } from '../fault.ts';
import type { Labels, ObjectMeta, OwnerReference } from '../objects.ts';
import type { Field } from './field.ts';
import { dnsLabelProblem, dnsSubdomainProblem, labelValueProblem, qualifiedNameProblem } from './grammar.ts';
import { META_FIELDS } from './known-fields.ts';
import { shown } from './wording.ts';

const ANNOTATIONS_MAX_BYTES = 262_144;
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

export interface MetaRules {
  readonly scope: 'namespaced' | 'cluster';
  /** Validates the name; by default it must be a DNS subdomain. */
  readonly nameProblem?: (name: string) => string | undefined;
}

/** Reads `metadata` and fills in the namespace, with the API's validation for every kind. */
export function readMeta(meta: Field, options: ReadOptions, rules: MetaRules): ObjectMeta {
  meta.noteUnknownFields(META_FIELDS);
  const uid = meta.child('uid').text();
  const creationTimestamp = readTime(meta.child('creationTimestamp'));
  const deletionTimestamp = readTime(meta.child('deletionTimestamp'));
  return {
    name: readName(meta, rules),
    namespace: rules.scope === 'cluster' ? '' : readNamespace(meta.child('namespace'), options),
    labels: readLabels(meta.child('labels')) ?? {},
    annotations: readAnnotations(meta.child('annotations')),
    owners: readOwners(meta.child('ownerReferences')),
    ...(uid === undefined ? {} : { uid }),
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
  };
}

function readName(meta: Field, rules: MetaRules): string {
  const field = meta.child('name');
  const name = field.string();
  if (name === undefined || name === '') {
    if (!field.isText) return '';
    const generated = meta.child('generateName').text();
    field.fault(
      generated === undefined
        ? 'the object has no name'
        : `the object has generateName ${shown(generated)} but no name`,
      generated === undefined ? 'write metadata.name' : 'write metadata.name: Switchboard does not generate names',
    );
    return '';
  }
  const problem = (rules.nameProblem ?? dnsSubdomainProblem)(name);
  if (problem !== undefined) field.fault(`${shown(name)} ${problem}`, 'choose another name');
  return name;
}

function readNamespace(field: Field, options: ReadOptions): string {
  const namespace = field.text() ?? options.defaultNamespace;
  const problem = dnsLabelProblem(namespace);
  if (problem !== undefined) field.fault(`${shown(namespace)} ${problem}`, 'choose another namespace');
  return namespace;
}

/** Reads labels, or a Service's selector, which the API validates like labels. */
export function readLabels(field: Field): Labels | undefined {
  const labels = field.stringMap();
  for (const [key, value] of Object.entries(labels ?? {})) {
    const keyProblem = qualifiedNameProblem(key);
    if (keyProblem !== undefined) field.fault(`the key ${shown(key)} ${keyProblem}`, 'rename the key');
    const valueProblem = labelValueProblem(value);
    if (valueProblem !== undefined) field.fault(`${key}: ${shown(value)} ${valueProblem}`, 'change the value');
  }
  return labels;
}

export function readAnnotations(field: Field): Labels {
  const annotations = field.stringMap() ?? {};
  let size = 0;
  const encoder = new TextEncoder();
  for (const [key, value] of Object.entries(annotations)) {
    size += encoder.encode(key).length + encoder.encode(value).length;
    const problem = qualifiedNameProblem(key.toLowerCase());
    if (problem !== undefined) field.fault(`the key ${shown(key)} ${problem}`, 'rename the key');
  }
  if (size > ANNOTATIONS_MAX_BYTES) {
    field.fault(`the annotations have ${size} bytes; at most ${ANNOTATIONS_MAX_BYTES} are allowed`, 'shorten them');
  }
  return annotations;
}

function readOwners(field: Field): readonly OwnerReference[] {
  const owners = field.items().map(item => {
    for (const name of ['apiVersion', 'kind', 'name', 'uid']) {
      const part = item.child(name);
      const value = part.string();
      if (value === '' || part.isMissing) part.fault(`the owner has no ${name}`, `write the owner's ${name}`);
    }
    return {
      kind: item.child('kind').string() ?? '',
      name: item.child('name').string() ?? '',
      controller: item.child('controller').boolean() ?? false,
    };
  });
  const controllers = owners.filter(owner => owner.controller).map(owner => `${owner.kind} ${owner.name}`);
  if (controllers.length > 1) {
    field.fault(`${controllers.join(' and ')} are both the controller`, 'keep controller: true on one of them');
  }
  return owners;
}

function readTime(field: Field): string | undefined {
  const text = field.string();
  if (text !== undefined && !(RFC_3339.test(text) && Number.isFinite(Date.parse(text)))) {
    field.fault(`${shown(text)} is not an RFC 3339 time`, 'write it like 2026-01-31T12:00:00Z, or remove it');
    return undefined;
  }
  return text;
}
