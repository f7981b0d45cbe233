import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parseManifest } from '../manifest/index.ts';
import type { Secret } from '../objects.ts';
import { type ReadOutcome, readObject } from './index.ts';

const OPTIONS = { primaryFamily: 'IPv4', defaultNamespace: 'default', run: true } as const;
const MARKER = 'hunter2-hunter2';
const ENCODED = Buffer.from(MARKER).toString('base64');

function read(fields: object): ReadOutcome {
  return readObject({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, ...fields }, OPTIONS);
}

function secret(fields: object): Secret {
  const outcome = read(fields);
  if (outcome.status === 'read' && outcome.object.kind === 'Secret') return outcome.object;
  throw new Error(JSON.stringify(outcome));
}

test('stringData is written over data', () => {
  const { data, type, immutable } = secret({ data: { a: 'YQ==', b: 'Yg==' }, stringData: { b: 'x', c: '' } });
  expect(Object.entries(data).map(([key, value]) => [key, value.text()])).toEqual([
    ['a', 'a'],
    ['b', 'x'],
    ['c', ''],
  ]);
  expect({ type, immutable }).toEqual({ type: 'Opaque', immutable: false });
});

test('a Secret is skipped unless the caller runs pods', () => {
  const value = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, data: { a: ENCODED } };
  const { run: _run, ...options } = OPTIONS;
  expect(readObject(value, options)).toEqual({ status: 'skipped', kind: 'Secret' });
});

test("kubectl's copy of the object is not kept", () => {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': MARKER, a: 'b' };
  expect(secret({ metadata: { name: 'db', annotations } }).meta.annotations).toEqual({ a: 'b' });
});

describe('no fault or note shows a value:', () => {
  test.each<[string, object, readonly string[]]>([
    ['a value that is not base64', { data: { a: MARKER } }, ['data[a]']],
    ['data that is text', { data: MARKER }, ['data']],
    ['data that is a list', { data: [MARKER] }, ['data']],
    ['a number', { data: { a: 1_234_512_345 } }, ['data[a]']],
    ['a number in stringData', { stringData: { a: 1_234_512_345 } }, ['stringData[a]']],
    ['a mapping in stringData', { stringData: { a: { b: MARKER } } }, ['stringData[a]']],
    ['stringData that is text', { stringData: MARKER }, ['stringData']],
    ['an invalid key', { data: { 'a b': ENCODED } }, ['data[a b]']],
    [
      'a Docker configuration that is not JSON',
      { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': `{"auths": ${MARKER}` } },
      ['data[.dockerconfigjson]'],
    ],
    ['a missing key', { type: 'kubernetes.io/tls', data: { 'tls.crt': ENCODED } }, ['data[tls.key]']],
    ['an unknown field', { stringdata: { a: MARKER } }, []],
  ])('%s', (_what, fields, expected) => {
    const outcome = read(fields);
    expect(outcome.status === 'rejected' ? outcome.faults.map(fault => fault.field) : []).toEqual(expected);
    const text = JSON.stringify(outcome) + inspect(outcome, { depth: 10 });
    for (const value of [MARKER, ENCODED, '1234512345']) expect(text).not.toContain(value);
  });

  test('nor does a whole manifest', () => {
    const yaml = `apiVersion: v1\nkind: Secret\nmetadata: {name: db}\ndata:\n  good: ${ENCODED}\n  bad: ${MARKER}\n`;
    const manifest = parseManifest(yaml, OPTIONS);
    expect(manifest.faults).toMatchObject([{ line: 6, field: 'data[bad]', object: 'Secret default/db' }]);
    expect(JSON.stringify(manifest.faults)).not.toContain(MARKER);
  });
});

test('a ServiceAccount names its pull secrets', () => {
  const value = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'shop' },
    imagePullSecrets: [{ name: 'registry' }, {}],
  };
  expect(readObject(value, OPTIONS)).toMatchObject({
    object: { imagePullSecrets: ['registry'], automountServiceAccountToken: true },
  });
});
