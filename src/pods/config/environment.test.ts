import { describe, expect, test } from 'vitest';
import { objects } from '../../../test/support/objects.ts';
import { type ConfigMap, type Container, type Pod, type Secret, SecretValue } from '../../kube/index.ts';
import { declaredEnvironment, type EnvironmentInputs } from './environment.ts';
import { inheritedEnvironment } from './inherited.ts';

function podOf(container: string, spec = ''): { pod: Pod; container: Container } {
  const pod = objects(
    `apiVersion: v1
kind: Pod
metadata: { name: web-0, namespace: shop, labels: { app: web, app.kubernetes.io/name: shop }, annotations: { note: hello } }
spec:
  ${spec}
  containers:
    - name: web
      image: none
      ${container.replaceAll('\n', '\n      ')}
`,
    { run: true },
  )[0];
  if (pod?.kind !== 'Pod' || pod.spec.containers[0] === undefined) throw new Error('no pod');
  return { pod, container: pod.spec.containers[0] };
}

const SETTINGS = { COLOUR: 'blue', SIZE: 'large' };

const NODE = { cpus: 8, memoryBytes: 2 ** 34, diskBytes: 2 ** 40 };

const META = { namespace: 'shop', labels: {}, annotations: {}, owners: [] };

function environment(container: string, inputs: Partial<EnvironmentInputs> = {}, spec = ''): Record<string, string> {
  const made = podOf(container, spec);
  const configMap = (namespace: string, name: string): ConfigMap | undefined =>
    namespace === 'shop' && name === 'settings'
      ? {
          kind: 'ConfigMap',
          meta: { ...META, name },
          data: SETTINGS,
          run: { binaryData: { B: 'YQ==' }, immutable: false },
        }
      : undefined;
  const secret = (namespace: string, name: string): Secret | undefined =>
    namespace === 'shop' && name === 'login'
      ? { kind: 'Secret', meta: { ...META, name }, type: 'Opaque', data: LOGIN, immutable: false }
      : undefined;
  return declaredEnvironment(made.container, {
    pod: made.pod,
    place: { ip: '127.64.0.1', hostIP: '127.0.0.1' },
    uid: 'uid-1',
    nodeName: 'laptop',
    node: NODE,
    serviceVariables: {},
    extra: {},
    objects: { configMap, secret },
    ...inputs,
  });
}

const LOGIN = { PASSWORD: SecretValue.ofText('s3cret'), 'my.key': SecretValue.ofText('dotted') };

describe("a container's environment", () => {
  test('A12: is what its manifest declares, and from the machine only what programs need to run', () => {
    expect(environment('env: [{ name: A, value: a }]')).toEqual({ A: 'a' });
    expect(inheritedEnvironment({ PORT: '9999', HOME: '/home/user' })).toEqual({ HOME: '/home/user' });
  });

  test('A1: has Service variables under envFrom, envFrom under env, and later ones over earlier ones', () => {
    const env = environment(
      `envFrom: [{ configMapRef: { name: settings } }]
env: [{ name: SIZE, value: small }, { name: TWICE, value: one }, { name: TWICE, value: two }]`,
      { serviceVariables: { COLOUR: 'of a Service', WEB_SERVICE_HOST: '127.1.1.1', SIZE: 'of a Service' } },
    );
    expect(env).toMatchObject({ COLOUR: 'blue', SIZE: 'small', TWICE: 'two', WEB_SERVICE_HOST: '127.1.1.1' });
  });

  test('A2: expands variables that were defined before: Services, envFrom, env', () => {
    const env = environment(
      `envFrom: [{ configMapRef: { name: settings }, prefix: CFG_ }]
env:
  - { name: LATER, value: $(URL) }
  - { name: URL, value: http://$(API_SERVICE_HOST)/$(CFG_COLOUR) }
  - { name: AGAIN, value: $(URL)/x }`,
      { serviceVariables: { API_SERVICE_HOST: '127.1.1.1' } },
    );
    expect(env).toMatchObject({
      LATER: '$(URL)',
      URL: 'http://127.1.1.1/blue',
      AGAIN: 'http://127.1.1.1/blue/x',
      CFG_SIZE: 'large',
    });
  });

  test.each([
    ['metadata.name', 'web-0'],
    ['metadata.namespace', 'shop'],
    ['metadata.uid', 'uid-1'],
    ["metadata.labels['app']", 'web'],
    ["metadata.labels['app.kubernetes.io/name']", 'shop'],
    ["metadata.labels['missing']", ''],
    ["metadata.labels['constructor']", ''],
    ["metadata.annotations['note']", 'hello'],
    ['spec.nodeName', 'laptop'],
    ['spec.serviceAccountName', 'default'],
    ['status.podIP', '127.64.0.1'],
    ['status.podIPs', '127.64.0.1'],
    ['status.hostIP', '127.0.0.1'],
    ['status.hostIPs', '127.0.0.1'],
  ])('A6: resolves the field %s', (path, expected) => {
    const env = environment(`env: [{ name: IT, valueFrom: { fieldRef: { fieldPath: "${path}" } } }]`);
    expect(env.IT).toBe(expected);
  });

  test('uses the node and the service account of the pod', () => {
    const env = environment(
      `env:
  - { name: NODE, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }
  - { name: ACCOUNT, valueFrom: { fieldRef: { fieldPath: spec.serviceAccountName } } }`,
      {},
      'nodeName: n1\n  serviceAccountName: robot',
    );
    expect(env).toMatchObject({ NODE: 'n1', ACCOUNT: 'robot' });
  });

  test.each([
    ['a key of a ConfigMap', '{ configMapKeyRef: { name: settings, key: COLOUR } }', 'blue'],
    ['a missing optional key', '{ configMapKeyRef: { name: settings, key: X, optional: true } }', undefined],
    ['a missing optional ConfigMap', '{ configMapKeyRef: { name: x, key: X, optional: true } }', undefined],
    ['an optional Secret', '{ secretKeyRef: { name: s, key: k, optional: true } }', undefined],
  ])('takes %s', (_what, from, expected) => {
    expect(environment(`env: [{ name: IT, valueFrom: ${from} }]`).IT).toBe(expected);
  });

  test('skips optional ConfigMaps and Secrets of envFrom', () => {
    const env = environment(
      'envFrom: [{ configMapRef: { name: x, optional: true } }, { secretRef: { name: z, optional: true } }]',
    );
    expect(Object.keys(env)).not.toContain('COLOUR');
  });
});

describe('a container waits with CreateContainerConfigError', () => {
  test.each([
    ['for a ConfigMap', 'envFrom: [{ configMapRef: { name: x } }]', 'configmap "x" not found'],
    ['for a Secret', 'envFrom: [{ secretRef: { name: s } }]', 'secret "s" not found'],
    [
      'for a key of a ConfigMap',
      'env: [{ name: IT, valueFrom: { configMapKeyRef: { name: settings, key: X } } }]',
      "couldn't find key X in ConfigMap shop/settings",
    ],
    [
      'for binary data, which variables do not take',
      'env: [{ name: IT, valueFrom: { configMapKeyRef: { name: settings, key: B } } }]',
      "couldn't find key B in ConfigMap shop/settings",
    ],
    [
      'for a key that every JavaScript object has',
      'env: [{ name: IT, valueFrom: { configMapKeyRef: { name: settings, key: constructor } } }]',
      "couldn't find key constructor in ConfigMap shop/settings",
    ],
    [
      'for a key of a Secret',
      'env: [{ name: IT, valueFrom: { secretKeyRef: { name: login, key: k } } }]',
      "couldn't find key k in Secret shop/login",
    ],
    [
      'for the Secret of a key',
      'env: [{ name: IT, valueFrom: { secretKeyRef: { name: s, key: k } } }]',
      'secret "s" not found',
    ],
  ])('A4: %s', (_what, container, said) => {
    const fail = () => environment(container);
    expect(fail).toThrow(said);
    expect(fail).toThrow(/^CreateContainerConfigError: /);
    expect(fail).toThrow(expect.objectContaining({ code: 'SWB_POD_CONFIG' }));
  });

  test('C4: for a value that no variable can hold, without the value', () => {
    const secret = (): Secret => ({
      kind: 'Secret',
      meta: { ...META, name: 'login' },
      type: 'Opaque',
      data: { A: SecretValue.ofText('canary\0') },
      immutable: false,
    });
    const fail = () =>
      environment('envFrom: [{ secretRef: { name: login } }]', { objects: { secret, configMap: () => undefined } });
    expect(fail).toThrow('the value of the variable A contains a NUL byte');
    expect(fail).not.toThrow('canary');
  });
});

describe('variables from Secrets', () => {
  test('A4: are the decoded values', () => {
    const env = environment('env: [{ name: IT, valueFrom: { secretKeyRef: { name: login, key: PASSWORD } } }]');
    expect(env).toEqual({ IT: 's3cret' });
  });

  test('A5: have the prefix, and names that no shell can read', () => {
    const env = environment('envFrom: [{ secretRef: { name: login }, prefix: DB_ }]');
    expect(env).toEqual({ DB_PASSWORD: 's3cret', 'DB_my.key': 'dotted' });
  });

  test('A5: a later source wins', () => {
    const both = '{ configMapRef: { name: settings } }, { secretRef: { name: login }, prefix: "" }';
    expect(environment(`envFrom: [${both}]`)).toEqual({ ...SETTINGS, PASSWORD: 's3cret', 'my.key': 'dotted' });
  });

  test('A2: are not expanded', () => {
    const configMap = (): ConfigMap => ({
      kind: 'ConfigMap',
      meta: { ...META, name: 'x' },
      data: { A: '$(B)', B: 'b' },
    });
    const objects = { configMap, secret: () => undefined };
    expect(environment('envFrom: [{ configMapRef: { name: x } }]', { objects })).toEqual({ A: '$(B)', B: 'b' });
  });
});

test('A3: an entry without a value is empty, and a missing optional key leaves what envFrom gave', () => {
  const env = environment(`envFrom: [{ configMapRef: { name: settings } }]
env:
  - { name: COLOUR }
  - { name: SIZE, valueFrom: { secretKeyRef: { name: login, key: X, optional: true } } }`);
  expect(env).toEqual({ COLOUR: '', SIZE: 'large' });
});

describe('A7: resources', () => {
  const RESOURCES = 'resources: { limits: { cpu: 500m, memory: 64Mi }, requests: { cpu: 250m } }';
  test.each([
    ['{ resource: limits.cpu }', '1'],
    ['{ resource: limits.cpu, divisor: 1m }', '500'],
    ['{ resource: requests.cpu, divisor: 1m }', '250'],
    ['{ resource: limits.memory }', String(64 * 2 ** 20)],
    ['{ resource: limits.memory, divisor: 1Mi }', '64'],
    ['{ resource: limits.memory, divisor: 1Gi }', '1'],
    ['{ resource: requests.memory, divisor: 1Mi }', '64'],
  ])('%s is %s', (reference, expected) => {
    const env = environment(`${RESOURCES}\nenv: [{ name: IT, valueFrom: { resourceFieldRef: ${reference} } }]`);
    expect(env.IT).toBe(expected);
  });

  test.each([
    ['limits.cpu', '8'],
    ['limits.memory', String(2 ** 34)],
    ['limits.ephemeral-storage', String(2 ** 40)],
    ['requests.cpu', '0'],
  ])('without %s it is %s', (resource, expected) => {
    const env = environment(`env: [{ name: IT, valueFrom: { resourceFieldRef: { resource: ${resource} } } }]`);
    expect(env.IT).toBe(expected);
  });
});

test('variables of the command line win over the manifest', () => {
  expect(environment('env: [{ name: A, value: a }]', { extra: { A: 'flag' } })).toEqual({ A: 'flag' });
});
