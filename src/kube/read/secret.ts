import { isRecord, parseJson } from '../../data/index.ts';
import type { ReadOptions } from '../fault.ts';
import { SecretValue } from '../secret-value.ts';
import type { Secret, ServiceAccount } from '../secrets.ts';
import type { Field } from './field.ts';
import { configKeyProblem } from './grammar.ts';
import { readMeta } from './meta.ts';
import { SECRET_FIELDS, SERVICE_ACCOUNT_FIELDS } from './running/fields.ts';
import { readReferences } from './running/pod-run.ts';
import { shown } from './wording.ts';

const MAX_SECRET_BYTES = 1024 * 1024;
/** kubectl stores a copy of the whole object in it, values included. */
const COPY_OF_OBJECT = 'kubectl.kubernetes.io/last-applied-configuration';

/** Reads a Secret. No fault or note shows a value of it. */
export function readSecret(root: Field, options: ReadOptions): Secret {
  root.noteUnknownFields(SECRET_FIELDS);
  const type = root.child('type').text() ?? 'Opaque';
  const data = readData(root);
  requireKeysOfType(root, type, data);
  const { annotations, ...meta } = readMeta(root.child('metadata'), options, { scope: 'namespaced' });
  const { [COPY_OF_OBJECT]: _copy, ...others } = annotations;
  return {
    kind: 'Secret',
    meta: { ...meta, annotations: others },
    type,
    data: Object.fromEntries(data),
    immutable: root.child('immutable').boolean() ?? false,
  };
}

type Data = ReadonlyMap<string, SecretValue>;

/** stringData is written over data. */
function readData(root: Field): Data {
  const data = new Map<string, SecretValue>();
  const field = root.child('data').hidden();
  for (const [key, item] of field.entries()) {
    const text = item.string() ?? '';
    const value = SecretValue.ofBase64(text);
    if (value === undefined) {
      item.fault('the value is not base64', 'encode it with base64, or write it as it is below stringData');
    }
    data.set(key, value ?? SecretValue.ofText(''));
  }
  for (const [key, item] of root.child('stringData').hidden().entries()) {
    data.set(key, SecretValue.ofText(item.string() ?? ''));
  }
  let size = 0;
  for (const [key, value] of data) {
    size += value.length;
    const problem = configKeyProblem(key);
    if (problem !== undefined) field.keyed(key, key).fault(`the key ${shown(key)} ${problem}`, 'rename the key');
  }
  if (size > MAX_SECRET_BYTES) {
    field.fault(`the values have ${size} bytes; at most ${MAX_SECRET_BYTES} are allowed`, 'split the Secret');
  }
  return data;
}

const ACCOUNT_ANNOTATION = 'kubernetes.io/service-account.name';

/** Some types require keys. */
function requireKeysOfType(root: Field, type: string, data: Data): void {
  const missing = (key: string) => {
    const field = root.child('data').hidden().keyed(key, undefined);
    field.fault(`a Secret of type ${type} needs the key ${key}`, 'add it to data or stringData, or change the type');
  };
  switch (type) {
    case 'kubernetes.io/service-account-token': {
      const annotations = root.child('metadata').child('annotations');
      const value = annotations.stringMap()?.[ACCOUNT_ANNOTATION] ?? '';
      if (value !== '') return;
      const fix = `write the annotation ${ACCOUNT_ANNOTATION}`;
      annotations.keyed(ACCOUNT_ANNOTATION, undefined).fault('the ServiceAccount of the token is missing', fix);
      return;
    }
    case 'kubernetes.io/dockercfg':
      requireJson(root, '.dockercfg', data, missing);
      return;
    case 'kubernetes.io/dockerconfigjson':
      requireJson(root, '.dockerconfigjson', data, missing);
      return;
    case 'kubernetes.io/basic-auth':
      if (!data.has('username') && !data.has('password')) for (const key of ['username', 'password']) missing(key);
      return;
    case 'kubernetes.io/ssh-auth':
      if ((data.get('ssh-privatekey')?.length ?? 0) === 0) missing('ssh-privatekey');
      return;
    case 'kubernetes.io/tls':
      for (const key of ['tls.crt', 'tls.key']) if (!data.has(key)) missing(key);
      return;
    default:
  }
}

function requireJson(root: Field, key: string, data: Data, missing: (key: string) => void): void {
  const value = data.get(key);
  if (value === undefined) {
    missing(key);
    return;
  }
  if (isJsonObject(value.text())) return;
  const field = root.child('data').hidden().keyed(key, undefined);
  field.fault('the value is not a JSON object', 'write the content of a Docker config.json');
}

/** `null` counts, as for the API. */
function isJsonObject(text: string): boolean {
  const value = parseJson(text);
  return value === null || isRecord(value);
}

export function readServiceAccount(root: Field, options: ReadOptions): ServiceAccount {
  root.noteUnknownFields(SERVICE_ACCOUNT_FIELDS);
  return {
    kind: 'ServiceAccount',
    meta: readMeta(root.child('metadata'), options, { scope: 'namespaced' }),
    imagePullSecrets: readReferences(root.child('imagePullSecrets')),
    automountServiceAccountToken: root.child('automountServiceAccountToken').boolean() ?? true,
  };
}
