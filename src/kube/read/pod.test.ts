import { describe, expect, test } from 'vitest';
import type { Pod } from '../objects.ts';
import { type Fault, type ReadOutcome, readObject } from './index.ts';

type Values = Record<string, unknown>;

const OPTIONS = { primaryFamily: 'IPv4', defaultNamespace: 'default' } as const;

function read(container: Values, spec: Values = {}, rest: Values = {}): ReadOutcome {
  const containers = [{ name: 'web', image: 'web:1', ...container }];
  const value = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1.a' },
    spec: { containers, ...spec },
    ...rest,
  };
  return readObject(value, OPTIONS);
}

function pod(container: Values, spec: Values = {}, rest: Values = {}): Pod {
  const outcome = read(container, spec, rest);
  if (outcome.status === 'read' && outcome.object.kind === 'Pod') return outcome.object;
  throw new Error(JSON.stringify(outcome));
}

function fields(outcome: ReadOutcome): readonly string[] {
  return outcome.status === 'rejected' ? outcome.faults.map(({ field }) => field) : [];
}

function notes(outcome: ReadOutcome): readonly Fault[] {
  return outcome.status === 'skipped' ? [] : outcome.notes;
}

describe('defaults of a Pod', () => {
  test('spec and status', () => {
    const { spec, status } = pod({});
    expect(spec).toEqual({
      containers: [{ name: 'web', image: 'web:1', command: [], args: [], env: [], envFrom: [], ports: [] }],
      initContainers: [],
      hostNetwork: false,
      enableServiceLinks: true,
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      readinessGates: [],
    });
    expect(status).toEqual({ phase: 'Pending', podIPs: [], conditions: [] });
  });

  test('probes', () => {
    const container = pod({
      readinessProbe: { httpGet: { port: 'http' } },
      livenessProbe: { tcpSocket: { port: 80 }, periodSeconds: 0, initialDelaySeconds: 5 },
      startupProbe: { grpc: { port: 9000 } },
    }).spec.containers[0];
    const numbers = {
      initialDelaySeconds: 0,
      periodSeconds: 10,
      timeoutSeconds: 1,
      successThreshold: 1,
      failureThreshold: 3,
    };
    expect(container).toMatchObject({
      readinessProbe: { action: { kind: 'httpGet', path: '/', port: 'http', scheme: 'HTTP', headers: [] }, ...numbers },
      livenessProbe: { action: { kind: 'tcpSocket', port: 80 }, ...numbers, initialDelaySeconds: 5 },
      startupProbe: { action: { kind: 'grpc', port: 9000, service: '' }, ...numbers },
    });
  });

  test('ports, and the host ports of a pod on the host network', () => {
    const ports = [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP', name: 'dns' }];
    expect(pod({ ports }, { hostNetwork: true }).spec.containers[0]?.ports).toEqual([
      { name: '', protocol: 'TCP', containerPort: 80, hostPort: 80 },
      { name: 'dns', protocol: 'UDP', containerPort: 53, hostPort: 53 },
    ]);
  });

  test('only Always makes an init container a sidecar', () => {
    const initContainers = [
      { name: 'a', image: 'a', restartPolicy: 'Always', readinessProbe: { exec: { command: ['true'] } } },
      { name: 'b', image: 'b', restartPolicy: 'Never' },
    ];
    const [a, b] = pod({}, { initContainers }).spec.initContainers;
    expect(a?.restartPolicy).toBe('Always');
    expect(b).not.toHaveProperty('restartPolicy');
  });
});

test('where the values of variables come from', () => {
  const env = [
    { name: 'A', value: 'a' },
    { name: 'B' },
    { name: 'C', valueFrom: { configMapKeyRef: { name: 'shop', key: 'c', optional: true } } },
    { name: 'D', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
    { name: 'E', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
    { name: 'F', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
  ];
  const envFrom = [{ configMapRef: { name: 'shop' }, prefix: 'SHOP_' }, { secretRef: { name: 'db', optional: true } }];
  const container = pod({ env, envFrom }).spec.containers[0];
  expect(container?.env.map(({ source }) => source)).toEqual([
    { kind: 'value', value: 'a' },
    { kind: 'value', value: '' },
    { kind: 'configMap', name: 'shop', key: 'c', optional: true },
    { kind: 'field', path: "metadata.labels['app']" },
    { kind: 'secret', name: 'db', key: 'password', optional: false },
    { kind: 'resource', ref: { resource: 'limits.cpu', divisor: '0' } },
  ]);
  expect(container?.envFrom).toEqual([
    { kind: 'configMap', name: 'shop', prefix: 'SHOP_', optional: false },
    { kind: 'secret', name: 'db', prefix: '', optional: true },
  ]);
});

describe('status', () => {
  test.each<[string, Values, readonly string[]]>([
    ['podIP alone', { podIP: '10.0.0.1' }, ['10.0.0.1']],
    ['podIPs alone', { podIPs: [{ ip: '10.0.0.1' }, { ip: 'FD00::1' }] }, ['10.0.0.1', 'fd00::1']],
    ['both', { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] }, ['10.0.0.1', 'fd00::1']],
    ['an invalid podIP', { podIP: 'x', podIPs: [{ ip: '10.0.0.1' }] }, ['10.0.0.1']],
  ])('addresses: %s', (_what, status, expected) => {
    expect(pod({}, {}, { status }).status.podIPs).toEqual(expected);
  });

  test('phase and conditions', () => {
    const status = {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'False', reason: 'NotYet' }, { type: 'X' }],
    };
    expect(pod({}, {}, { status }).status).toMatchObject({
      phase: 'Running',
      conditions: [
        { type: 'Ready', status: 'False', reason: 'NotYet' },
        { type: 'X', status: 'Unknown' },
      ],
    });
  });
});

describe('rejects, with the field that the API names,', () => {
  const C = 'spec.containers[0]';
  test.each<[string, Values, Values, readonly string[]]>([
    ['no containers', {}, { containers: [] }, ['spec.containers']],
    ['a container that is text', {}, { containers: ['web'] }, [C]],
    ['a container without a name', { name: undefined }, {}, [`${C}.name`]],
    ['a port in quotes', { ports: [{ containerPort: '80' }] }, {}, [`${C}.ports[0].containerPort`]],
    ['a port name without letters', { ports: [{ containerPort: 80, name: '80' }] }, {}, [`${C}.ports[0].name`]],
    ['a command that is text', { command: 'run' }, {}, [`${C}.command`]],
    ['a variable that is a number', { env: [{ name: 'A', value: 1 }] }, {}, [`${C}.env[0].value`]],
    ['a variable without a name', { env: [{ value: 'a' }] }, {}, [`${C}.env[0].name`]],
    ['an empty probe', { readinessProbe: {} }, {}, [`${C}.readinessProbe`]],
    [
      'a probe port in quotes',
      { readinessProbe: { tcpSocket: { port: '80' } } },
      {},
      [`${C}.readinessProbe.tcpSocket.port`],
    ],
    [
      'a probe of an init container',
      {},
      { initContainers: [{ name: 'a', image: 'a', startupProbe: { exec: { command: ['a'] } } }] },
      ['spec.initContainers[0].startupProbe'],
    ],
    ['a name twice', {}, { initContainers: [{ name: 'web', image: 'a' }] }, ['spec.initContainers[0].name']],
    ['a host name with a dot', {}, { hostname: 'a.b' }, ['spec.hostname']],
  ])('%s', (_what, container, spec, expected) => {
    expect(fields(read(container, spec))).toEqual(expected);
  });
});

test('accepts a container without an image, with a note', () => {
  const outcome = read({ image: undefined });
  expect(outcome.status).toBe('read');
  expect(notes(outcome)).toMatchObject([{ field: 'spec.containers[0].image' }]);
});

test.each<[string, Values, string, string]>([
  [
    'in a port',
    { ports: [{ containerPort: 80, port: 80 }] },
    'spec.containers[0].ports[0].port',
    'remove it, or check the spelling',
  ],
  ['in a container', { livenesProbe: {} }, 'spec.containers[0].livenesProbe', 'write livenessProbe'],
  [
    'in a probe',
    { readinessProbe: { tcpSocket: { port: 1 }, period: 1 } },
    'spec.containers[0].readinessProbe.period',
    'write periodSeconds',
  ],
])('an unknown field is noted: %s', (_what, container, field, fix) => {
  expect(notes(read(container))).toEqual([expect.objectContaining({ field, fix })]);
});
