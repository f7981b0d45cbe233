import type { EnvFrom, EnvSource, EnvVar } from '../objects.ts';
import type { Field } from './field.ts';
import { configKeyProblem, dnsSubdomainProblem, envNameProblem, qualifiedNameProblem } from './grammar.ts';
import { ENV_FIELDS, ENV_FROM_FIELDS, ENV_SOURCE_FIELDS } from './known-fields.ts';
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
const RESOURCES = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-[\w.-]+)$/;

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
      return { kind: 'field', path: readFieldPath(field) };
    case 'configMapKeyRef': {
      const { name, key } = readKeyRef(field);
      return { kind: 'configMap', name, key, optional: field.child('optional').boolean() ?? false };
    }
    case 'secretKeyRef': {
      const { name, key } = readKeyRef(field);
      const optional = field.child('optional').boolean() ?? false;
      return { kind: 'unsupported', what: `${kind} ${name}/${key}`, optional };
    }
    case 'resourceFieldRef':
      return { kind: 'unsupported', what: `${kind} ${readResource(field.child('resource'))}`, optional: false };
    default: {
      // fileKeyRef: its feature gate is off in 1.34.
      return { kind: 'unsupported', what: kind, optional: field.child('optional').boolean() ?? false };
    }
  }
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

/** The downward API: a field of the pod, or one of its labels or annotations. */
function readFieldPath(field: Field): string {
  const pathField = field.child('fieldPath');
  const path = pathField.string() ?? '';
  if (!pathField.isText) return path;
  const fix = `write ${choices(FIELD_PATHS)}, metadata.labels['KEY'] or metadata.annotations['KEY']`;
  if (path === '') {
    pathField.fault('the path is missing', fix);
    return path;
  }
  const version = field.child('apiVersion').text();
  if (version !== undefined && version !== 'v1') {
    pathField.fault(`apiVersion ${shown(version)} does not contain pods`, 'remove apiVersion, or write v1');
    return path;
  }
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (keyed === null) {
    if (!FIELD_PATHS.includes(path)) pathField.fault(`${shown(path)} is not a field that fieldRef supports`, fix);
    return path;
  }
  const key = keyed[2] ?? '';
  const problem = qualifiedNameProblem(keyed[1] === 'labels' ? key : key.toLowerCase());
  if (problem !== undefined) field.fault(`the key ${shown(key)} ${problem}`, fix);
  return path;
}

function readResource(field: Field): string {
  const resource = field.string() ?? '';
  if (!field.isText) return resource;
  const fix = 'write one such as limits.cpu or requests.memory';
  if (resource === '') field.fault('the resource is missing', fix);
  else if (!RESOURCES.test(resource))
    field.fault(`${shown(resource)} is not a resource that resourceFieldRef supports`, fix);
  return resource;
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
