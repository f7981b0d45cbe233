import { hostname } from 'node:os';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { objects } from '../../test/support/objects.ts';
import type { ConfigMap, Container, Pod } from '../kube/index.ts';
import { containerEnvironment, type EnvironmentInputs, expand } from './environment.ts';
import { serviceEnvironment } from './service-env.ts';

afterEach(() => vi.unstubAllEnvs());

function podOf(container: string, spec = ''): { pod: Pod; container: Container } {
  const pod = objects(`apiVersion: v1
kind: Pod
metadata: { name: web-0, namespace: shop, labels: { app: web, app.kubernetes.io/name: shop }, annotations: { note: hello } }
spec:
  ${spec}
  containers:
    - name: web
      image: none
      ${container.replaceAll('\n', '\n      ')}
`)[0];
  if (pod?.kind !== 'Pod' || pod.spec.containers[0] === undefined) throw new Error('no pod');
  return { pod, container: pod.spec.containers[0] };
}

const SETTINGS = { COLOUR: 'blue', SIZE: 'large' };

function environment(container: string, inputs: Partial<EnvironmentInputs> = {}, spec = ''): Record<string, string> {
  const made = podOf(container, spec);
  const configMap = (namespace: string, name: string): ConfigMap | undefined =>
    namespace === 'shop' && name === 'settings'
      ? {
          kind: 'ConfigMap',
          meta: { name, namespace, labels: {}, annotations: {}, owners: [] },
          data: SETTINGS,
        }
      : undefined;
  const rest = {
    place: { ip: '127.64.0.1', hostIP: '127.0.0.1' },
    uid: 'uid-1',
    serviceVariables: {},
    configMap,
    ...inputs,
  };
  return containerEnvironment(made.container, { pod: made.pod, ...rest });
}

describe('$(NAME)', () => {
  test.each([
    ['is replaced by the value', '$(A)', 'a'],
    ['may occur anywhere and more than once', 'x$(A)y$(A)', 'xaya'],
    ['is unchanged without a value', '$(MISSING)', '$(MISSING)'],
    ['is unchanged after a doubled dollar', '$$(A)', '$(A)'],
    ['is replaced after two doubled dollars', '$$$$(A) $$$(A)', '$$(A) $a'],
    ['is unchanged if it is not closed', '$(A', '$(A'],
    ['does not use shell syntax', '$A $' + '{A}', '$A $' + '{A}'],
    ['a dollar at the end', 'a$', 'a$'],
    ['is not expanded twice', '$(NESTED)', '$(A)'],
    ['an empty value', '[$(EMPTY)]', '[]'],
    ['a name that every JavaScript object has', '$(constructor) $(__proto__)', '$(constructor) $(__proto__)'],
  ])('%s: %s', (_what, text, expected) => {
    expect(expand(text, { A: 'a', NESTED: '$(A)', EMPTY: '' })).toBe(expected);
  });

  test('text without a dollar is unchanged, whatever is defined', () => {
    fc.assert(
      fc.property(fc.string(), fc.dictionary(fc.string(), fc.string()), (text, defined) => {
        const plain = text.replaceAll('$', '');
        expect(expand(plain, defined)).toBe(plain);
      }),
    );
  });

  test('doubled dollars escape any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '(', ')', 'A') }), text => {
        expect(expand(text.replaceAll('$', '$$$$'), { A: 'a' })).toBe(text);
      }),
    );
  });
});

describe("a container's environment", () => {
  test('is what its manifest declares, plus what a program needs to run', () => {
    vi.stubEnv('PORT', '9999');
    vi.stubEnv('HOME', '/home/user');
    const env = environment('env: [{ name: A, value: a }]');
    expect(env).toMatchObject({ A: 'a', HOME: '/home/user', PATH: process.env.PATH });
    expect(env).not.toHaveProperty('PORT');
  });

  test('has Service variables under envFrom, envFrom under env, and later ones over earlier ones', () => {
    const env = environment(
      `envFrom: [{ configMapRef: { name: settings } }]
env: [{ name: SIZE, value: small }, { name: TWICE, value: one }, { name: TWICE, value: two }]`,
      { serviceVariables: { COLOUR: 'of a Service', WEB_SERVICE_HOST: '127.1.1.1', SIZE: 'of a Service' } },
    );
    expect(env).toMatchObject({ COLOUR: 'blue', SIZE: 'small', TWICE: 'two', WEB_SERVICE_HOST: '127.1.1.1' });
  });

  test('expands variables that were defined before: Services, envFrom, env', () => {
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
    ['spec.nodeName', hostname().toLowerCase()],
    ['spec.serviceAccountName', 'default'],
    ['status.podIP', '127.64.0.1'],
    ['status.podIPs', '127.64.0.1'],
    ['status.hostIP', '127.0.0.1'],
    ['status.hostIPs', '127.0.0.1'],
  ])('resolves the field %s', (path, expected) => {
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

describe('an error names the pod, the container, the variable and the fix', () => {
  test.each([
    [
      'a ConfigMap that is not there',
      'envFrom: [{ configMapRef: { name: x } }]',
      /the ConfigMap "x".*not among the inputs/,
    ],
    ['a Secret', 'envFrom: [{ secretRef: { name: s } }]', /the Secret "s".*use a ConfigMap, or mark it optional/],
    [
      'a key that is not there',
      'env: [{ name: IT, valueFrom: { configMapKeyRef: { name: settings, key: X } } }]',
      /env IT: the ConfigMap "settings" with the key "X" is not among the inputs/,
    ],
    [
      'a key that every JavaScript object has',
      'env: [{ name: IT, valueFrom: { configMapKeyRef: { name: settings, key: constructor } } }]',
      /with the key "constructor" is not among the inputs/,
    ],
    [
      'a key of a Secret',
      'env: [{ name: IT, valueFrom: { secretKeyRef: { name: s, key: k } } }]',
      /env IT: secretKeyRef s\/k is not supported; set a value, or mark it optional/,
    ],
    [
      'a resource',
      'env: [{ name: IT, valueFrom: { resourceFieldRef: { resource: limits.cpu } } }]',
      /env IT: resourceFieldRef limits\.cpu is not supported/,
    ],
  ])('%s', (_what, container, said) => {
    const fail = () => environment(container);
    expect(fail).toThrow(said);
    expect(fail).toThrow(/^pod shop\/web-0, container web: /);
    expect(fail).toThrow(expect.objectContaining({ code: 'SWB_POD_CONFIG' }));
  });
});

describe('names Service variables like the kubelet', () => {
  test('for a Service with two ports', () => {
    expect(
      serviceEnvironment([
        {
          name: 'my-shop',
          host: '127.1.1.1',
          ports: [
            { name: 'http', port: 80, protocol: 'TCP' },
            { name: 'dns-alt', port: 53, protocol: 'UDP' },
          ],
        },
      ]),
    ).toEqual({
      MY_SHOP_SERVICE_HOST: '127.1.1.1',
      MY_SHOP_SERVICE_PORT: '80',
      MY_SHOP_SERVICE_PORT_HTTP: '80',
      MY_SHOP_SERVICE_PORT_DNS_ALT: '53',
      MY_SHOP_PORT: 'tcp://127.1.1.1:80',
      MY_SHOP_PORT_80_TCP: 'tcp://127.1.1.1:80',
      MY_SHOP_PORT_80_TCP_PROTO: 'tcp',
      MY_SHOP_PORT_80_TCP_PORT: '80',
      MY_SHOP_PORT_80_TCP_ADDR: '127.1.1.1',
      MY_SHOP_PORT_53_UDP: 'udp://127.1.1.1:53',
      MY_SHOP_PORT_53_UDP_PROTO: 'udp',
      MY_SHOP_PORT_53_UDP_PORT: '53',
      MY_SHOP_PORT_53_UDP_ADDR: '127.1.1.1',
    });
  });

  test('for a port without a name on an IPv6 address', () => {
    const env = serviceEnvironment([{ name: 'web', host: '::1', ports: [{ name: '', port: 80, protocol: 'TCP' }] }]);
    expect(env).toMatchObject({ WEB_SERVICE_HOST: '::1', WEB_PORT: 'tcp://[::1]:80', WEB_PORT_80_TCP_ADDR: '::1' });
    expect(Object.keys(env).filter(name => name.startsWith('WEB_SERVICE_PORT_'))).toEqual([]);
  });

  test('but not for a Service without ports', () => {
    expect(serviceEnvironment([{ name: 'web', host: '127.1.1.1', ports: [] }])).toEqual({});
  });
});
