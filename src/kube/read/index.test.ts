import { describe, expect, test } from 'vitest';
import { readObject } from './index.ts';

const OPTIONS = { primaryFamily: 'IPv4', defaultNamespace: 'default' } as const;

describe('skips', () => {
  test.each<[string, unknown, string]>([
    ['a kind that Switchboard does not use', { apiVersion: 'v1', kind: 'Secret' }, 'Secret'],
    ['a kind of another group', { apiVersion: 'batch/v1', kind: 'Job' }, 'batch/v1 Job'],
    [
      'a known kind of another group',
      { apiVersion: 'serving.knative.dev/v1', kind: 'Service' },
      'serving.knative.dev/v1 Service',
    ],
    ['a version that is gone', { apiVersion: 'apps/v1beta1', kind: 'Deployment' }, 'apps/v1beta1 Deployment'],
    ['a kind that is the name of an Object property', { apiVersion: 'v1', kind: 'constructor' }, 'constructor'],
    ['settings of something else', { replicas: 3 }, 'a document without apiVersion and kind'],
    ['an empty document', null, 'a document without apiVersion and kind'],
  ])('%s is skipped', (_what, value, kind) => {
    expect(readObject(value, OPTIONS)).toEqual({ status: 'skipped', kind });
  });

  test.each<[string, unknown, string]>([
    ['a kind without apiVersion', { kind: 'Service', metadata: { name: 'a' } }, 'apiVersion'],
    ['an apiVersion without kind', { apiVersion: 'v1', metadata: { name: 'a' } }, 'kind'],
    ['text', 'Service', ''],
    ['a list', [1], ''],
    ['no name', { apiVersion: 'v1', kind: 'Namespace' }, 'metadata.name'],
    [
      'a name that would be generated',
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'a-' } },
      'metadata.name',
    ],
    ['metadata that is text', { apiVersion: 'v1', kind: 'Namespace', metadata: 'shop' }, 'metadata'],
  ])('rejects %s', (_what, value, field) => {
    const outcome = readObject(value, OPTIONS);
    expect(outcome).toMatchObject({ status: 'rejected', faults: [{ field }] });
  });
});

describe('metadata', () => {
  test('is read with owners and times', () => {
    const metadata = {
      name: 'shop',
      uid: 'u',
      creationTimestamp: '2026-01-01T00:00:00Z',
      deletionTimestamp: '2026-01-02T00:00:00Z',
      labels: { a: 'b', c: null },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'r', controller: true }],
    };
    expect(readObject({ apiVersion: 'v1', kind: 'Namespace', metadata }, OPTIONS)).toMatchObject({
      object: {
        meta: {
          name: 'shop',
          namespace: '',
          labels: { a: 'b', c: '' },
          uid: 'u',
          creationTimestamp: '2026-01-01T00:00:00Z',
          deletionTimestamp: '2026-01-02T00:00:00Z',
          owners: [{ kind: 'ReplicaSet', name: 'web', controller: true }],
        },
      },
    });
  });

  test('keys that every JavaScript object has are labels like others', () => {
    const labels = JSON.parse('{"__proto__": "a", "constructor": "b"}');
    const outcome = readObject(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels }, data: {} },
      OPTIONS,
    );
    expect(outcome.status === 'rejected' ? outcome.faults : []).toEqual([
      { field: 'metadata.labels', why: expect.stringContaining('__proto__'), fix: 'rename the key' },
    ]);
  });
});

describe('the smaller kinds', () => {
  test('a Node', () => {
    const value = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n1' },
      spec: { podCIDR: '10.1.0.0/24', podCIDRs: ['10.1.0.0/24', 'fd00:1::/64'] },
      status: {
        addresses: [
          { type: 'InternalIP', address: '192.0.2.1' },
          { type: 'Hostname', address: 'n1' },
          { type: 'ExternalIP', address: '2001:DB8::1' },
        ],
      },
    };
    expect(readObject(value, OPTIONS)).toMatchObject({
      object: {
        podCIDRs: [
          { family: 'IPv4', network: '10.1.0.0', prefix: 24 },
          { family: 'IPv6', network: 'fd00:1::', prefix: 64 },
        ],
        addresses: ['192.0.2.1', '2001:db8::1'],
      },
    });
  });

  test.each([['networking.k8s.io/v1'], ['networking.k8s.io/v1beta1']])('a ServiceCIDR of %s', apiVersion => {
    const value = { apiVersion, kind: 'ServiceCIDR', metadata: { name: 'a' }, spec: { cidrs: ['10.96.0.0/12'] } };
    expect(readObject(value, OPTIONS)).toMatchObject({ object: { cidrs: [{ network: '10.96.0.0', prefix: 12 }] } });
  });

  test('a Namespace has its name as a label, as the API gives it', () => {
    const value = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
    expect(readObject(value, OPTIONS)).toMatchObject({
      object: { meta: { labels: { 'kubernetes.io/metadata.name': 'shop' } } },
    });
  });

  test.each([
    [false, 'YAML reads N, no and off without quotes as false', 'ANSWER: "no"'],
    [true, 'YAML reads Y, yes and on without quotes as true', 'ANSWER: "yes"'],
  ])('a ConfigMap with a word as a value that YAML reads as %s', (answer, reading, fix) => {
    const value = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { ANSWER: answer } };
    const why = `ANSWER: ${answer} is a boolean, but must be text: ${reading}`;
    const faults = [{ field: 'data', why, fix: `put it in quotes, as in ${fix}` }];
    expect(readObject(value, OPTIONS)).toMatchObject({ status: 'rejected', faults });
    const named = { ...value, data: {}, metadata: { name: answer } };
    expect(readObject(named, OPTIONS)).toMatchObject({
      faults: expect.arrayContaining([
        { field: 'metadata.name', why: expect.stringContaining(reading), fix: expect.stringContaining('in quotes') },
      ]),
    });
  });

  test('a ConfigMap with a number as a value', () => {
    const value = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { PORT: 80 } };
    expect(readObject(value, OPTIONS)).toMatchObject({
      status: 'rejected',
      faults: [
        {
          field: 'data',
          why: 'PORT: 80 is a whole number, but must be text',
          fix: 'put it in quotes: PORT: "80"',
        },
      ],
    });
  });
});

test('reads a Service as kubectl prints it from a cluster without faults and notes', () => {
  const value = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}\n' },
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { app: 'web' },
      managedFields: [{ manager: 'kubectl', operation: 'Update', fieldsV1: { 'f:spec': {} } }],
      name: 'web',
      namespace: 'shop',
      resourceVersion: '4711',
      uid: '5c5a1b0e-0000-4000-8000-000000000000',
      finalizers: ['service.kubernetes.io/load-balancer-cleanup'],
    },
    spec: {
      allocateLoadBalancerNodePorts: true,
      clusterIP: '10.96.0.10',
      clusterIPs: ['10.96.0.10'],
      externalTrafficPolicy: 'Local',
      healthCheckNodePort: 31_000,
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ports: [{ name: 'http', nodePort: 80, port: 80, protocol: 'TCP', targetPort: 'http' }],
      selector: { app: 'web' },
      sessionAffinity: 'None',
      type: 'LoadBalancer',
    },
    status: { loadBalancer: { ingress: [{ ip: '203.0.113.1', ipMode: 'VIP' }] }, conditions: [] },
  };
  expect(readObject(value, OPTIONS)).toMatchObject({
    status: 'read',
    notes: [],
    object: { clusterIPs: ['10.96.0.10'], healthCheckNodePort: 31_000, loadBalancerIngress: [{ ip: '203.0.113.1' }] },
  });
});
