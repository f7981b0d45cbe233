import type { EnvFrom, EnvSource, EnvVar } from '../objects.ts';
import type { Field } from './field.ts';
import { readFieldPath } from './field-ref.ts';
import { configKeyProblem, dnsLabelProblem, dnsSubdomainProblem, envNameProblem } from './grammar.ts';
import { ENV_FIELDS, ENV_FROM_FIELDS, ENV_SOURCE_FIELDS } from './known-fields.ts';
import { readRequired } from './required-text.ts';
import { FILE_REF_FIELDS } from './running/fields.ts';
import { requireNoBacksteps } from './running/paths.ts';
import { readResourceRef } from './running/resources.ts';
import { choices, shown } from './wording.ts';

const FIELD_PATHS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

export function readEnv(field: Field): readonly EnvVar[] {
  return field.items().map(item => {
    item.noteUnknownFields(ENV_FIELDS);
    const name = item.child('name').string() ?? '';
    const nameField = item.child('name');
    if (name === '') {
      if (nameField.isText) nameField.fault('the variable has no name', 'give it one, such as LOG_LEVEL');
    } else {
      const problem = envNameProblem(name);
      if (problem !== undefined) nameField.fault(`${shown(name)} ${problem}`, 'choose another name');
    }
    return { name, source: readSource(item) };
  });
}

function readSource(variable: Field): EnvSource {
  const value = variable.child('value').string() ?? '';
  const from = variable.child('valueFrom');
  if (!from.isSet) return { kind: 'value', value };
  from.noteUnknownFields(ENV_SOURCE_FIELDS);
  const sources = ENV_SOURCE_FIELDS.filter(name => from.child(name).isSet);
  if (sources.length === 0 && from.isMapping) {
    from.fault('valueFrom names no source', `write ${choices(ENV_SOURCE_FIELDS)} below it`);
  } else if (sources.length > 1) {
    from.fault(`${sources.join(' and ')} are both set, but only one is allowed`, 'keep one of them');
  } else if (value !== '' && sources.length === 1) {
    from.fault('value and valueFrom are both set', 'keep one of them');
  }
  let source: EnvSource = { kind: 'value', value };
  for (const name of sources) source = readSourceOf(from.child(name), name);
  return source;
}

function readSourceOf(field: Field, kind: string): EnvSource {
  switch (kind) {
    case 'fieldRef':
      return { kind: 'field', path: readFieldPath(field, FIELD_PATHS) };
    case 'configMapKeyRef': {
      const { name, key } = readKeyRef(field);
      return { kind: 'configMap', name, key, optional: field.child('optional').boolean() ?? false };
    }
    case 'secretKeyRef': {
      const { name, key } = readKeyRef(field);
      return { kind: 'secret', name, key, optional: field.child('optional').boolean() ?? false };
    }
    case 'resourceFieldRef':
      return { kind: 'resource', ref: readResourceRef(field, 'variable') };
    default:
      return readFileRef(field.forRunning());
  }
}

/** `fileKeyRef`. The API also requires an emptyDir of this name, see `readPodSpec`. */
function readFileRef(field: Field): EnvSource {
  field.noteUnknownFields(FILE_REF_FIELDS);
  const key = readRequired(field.child('key'), 'key');
  const keyProblem = key === '' ? undefined : envNameProblem(key);
  if (keyProblem !== undefined) field.child('key').fault(`${shown(key)} ${keyProblem}`, 'name a key of the file');
  const volumeName = readRequired(field.child('volumeName'), 'volume');
  const volumeProblem = volumeName === '' ? undefined : dnsLabelProblem(volumeName);
  if (volumeProblem !== undefined) {
    field.child('volumeName').fault(`${shown(volumeName)} ${volumeProblem}`, 'name a volume of the pod');
  }
  const path = readRequired(field.child('path'), 'path');
  requireNoBacksteps(field.child('path'), path);
  return { kind: 'file', volumeName, path, key, optional: field.child('optional').boolean() ?? false };
}

function readKeyRef(field: Field): { readonly name: string; readonly key: string } {
  const keyField = field.child('key');
  const key = keyField.string() ?? '';
  if (key === '') {
    if (keyField.isText) keyField.fault('the key is missing', 'name one of its keys');
  } else {
    const problem = configKeyProblem(key);
    if (problem !== undefined) keyField.fault(`${shown(key)} ${problem}`, 'name one of its keys');
  }
  return { name: readRefName(field.child('name')), key };
}

function readRefName(field: Field): string {
  const name = field.string() ?? '';
  if (!field.isText) return '';
  if (name === '') field.fault('the name is missing', 'name the object that the value comes from');
  else {
    const problem = dnsSubdomainProblem(name);
    if (problem !== undefined) field.fault(`${shown(name)} ${problem}`, 'name the object that the value comes from');
  }
  return name;
}

export function readEnvFrom(field: Field): readonly EnvFrom[] {
  return field.items().flatMap(item => {
    item.noteUnknownFields(ENV_FROM_FIELDS);
    const prefix = item.child('prefix').string() ?? '';
    const problem = prefix === '' ? undefined : envNameProblem(prefix);
    if (problem !== undefined) item.child('prefix').fault(`${shown(prefix)} ${problem}`, 'choose another prefix');
    const sources = (['configMapRef', 'secretRef'] as const).filter(name => item.child(name).isSet);
    // The API server names the list here, not the item.
    if (sources.length === 0 && item.isMapping) {
      field.fault(`${item.path} names no source`, 'write configMapRef or secretRef below it');
    } else if (sources.length > 1) {
      field.fault(`${item.path} has both configMapRef and secretRef`, 'write them as two items');
    }
    return sources.map(kind => {
      const ref = item.child(kind);
      return {
        kind: kind === 'configMapRef' ? ('configMap' as const) : ('secret' as const),
        name: readRefName(ref.child('name')),
        prefix,
        optional: ref.child('optional').boolean() ?? false,
      };
    });
  });
}
