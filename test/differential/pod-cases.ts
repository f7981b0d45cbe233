/** Valid and invalid Pods: names, containers, ports, probes, variables. */
import { type Changes, CONTAINER, casesOf, each, LONG_NAME, NAMES, POD } from './cases.ts';
import type { Case } from './compare.ts';

const SIDECAR = { name: 'proxy', image: 'proxy:1', restartPolicy: 'Always' };
const C = 'spec.containers[0]';
const TCP = { tcpSocket: { port: 80 } };

const probes = (path: string): Changes => [
  ...each(path, [{}, null, 'x', TCP, { exec: {} }, { exec: { command: [] } }, { exec: { command: ['true'] } }]),
  ...each(path, [{ exec: { command: 'true' } }, { grpc: {} }, { grpc: { port: 80 } }, { grpc: { port: '80' } }]),
  ...each(path, [
    { grpc: { port: 0 } },
    { httpGet: {} },
    { httpGet: { port: 80 } },
    { httpGet: { port: 'http', path: '' } },
  ]),
  ...each(`${path}.tcpSocket.port`, [0, 65_536, '80', '', 'web', 'Web', undefined, null, 80.5]),
  ...each(`${path}.httpGet`, [
    { port: 80, scheme: 'http' },
    { port: 80, scheme: 'HTTPS' },
    { port: 80, scheme: '' },
    { port: 80, httpHeaders: [{ name: 'X-A', value: 'b' }] },
    { port: 80, httpHeaders: [{ name: 'a b', value: 'b' }] },
    { port: 80, httpHeaders: [{ value: 'b' }] },
    { port: 80, path: 5 },
  ]),
  ...each(path, [
    { ...TCP, exec: { command: ['x'] } },
    { ...TCP, httpGet: { port: 1 }, grpc: { port: 1 } },
  ]),
  ...['periodSeconds', 'timeoutSeconds', 'successThreshold', 'failureThreshold', 'initialDelaySeconds'].flatMap(name =>
    each(
      path,
      [-1, 0, 1, 2, '5', null, 1.5].map(value => ({ ...TCP, [name]: value })),
    ),
  ),
  ...each(
    path,
    [-1, 0, 5].map(value => ({ ...TCP, terminationGracePeriodSeconds: value })),
  ),
];

const from = (valueFrom: unknown): unknown => [{ name: 'A', valueFrom }];

const POD_CHANGES: Changes = [
  ...each('metadata.name', ['a.b', 'A', 'a_b', 'a..b', LONG_NAME, 'a'.repeat(254), '', undefined, '1']),
  ...each('metadata.labels', [{ app: 'x' }, { app: 'x y' }, { app: 1 }]),
  ...each('spec', [undefined, null, {}, 'x']),
  ...each('spec.containers', [undefined, [], {}, 'x', ['x'], [null], [CONTAINER, CONTAINER]]),
  ...each(`${C}.name`, NAMES),
  ...each(`${C}.image`, ['', undefined, null, ' web', 5]),
  ...each(`${C}.command`, [['a'], 'a', [5], null, []]),
  ...each(`${C}.args`, [['a'], 'a', [true]]),
  ...each(`${C}.workingDir`, ['/srv', 5]),
  ...each(`${C}.restartPolicy`, ['Always', 'Never']),
  ...each(`${C}.ports`, [
    [{}],
    [{ containerPort: 0 }],
    [{ containerPort: 65_536 }],
    [{ containerPort: '80' }],
    'x',
    [80],
  ]),
  ...each(
    `${C}.ports`,
    ['Web', '80', 'http', '', 'a--b', 'a-name-too-long-x', 5].map(name => [{ containerPort: 80, name }]),
  ),
  ...each(
    `${C}.ports`,
    ['TCP', 'UDP', 'tcp', '', null].map(protocol => [{ containerPort: 80, protocol }]),
  ),
  ...each(
    `${C}.ports`,
    [0, -1, 8080, 65_536, '80'].map(hostPort => [{ containerPort: 80, hostPort }]),
  ),
  ...each(`${C}.ports`, [
    [
      { containerPort: 80, name: 'a' },
      { containerPort: 81, name: 'a' },
    ],
    [{ containerPort: 80 }, { containerPort: 80 }],
    [
      { containerPort: 80, hostPort: 80 },
      { containerPort: 81, hostPort: 80 },
    ],
    [
      { containerPort: 80, hostPort: 80 },
      { containerPort: 81, hostPort: 80, protocol: 'UDP' },
    ],
  ]),
  ...each('spec.containers[1]', [
    { name: 'b', image: 'b', ports: [{ containerPort: 80, name: 'http' }] },
    { name: 'web', image: 'b' },
  ]),
  [
    ['spec.hostNetwork', true],
    [`${C}.ports`, [{ containerPort: 80, hostPort: 81 }]],
  ],
  [
    ['spec.hostNetwork', true],
    [`${C}.ports`, [{ containerPort: 80 }, { containerPort: 80 }]],
  ],
  [
    ['spec.hostNetwork', true],
    [`${C}.ports`, [{ containerPort: 80 }]],
  ],
  ...each('spec.initContainers', [
    [SIDECAR],
    [{ ...SIDECAR, readinessProbe: TCP }],
    [{ ...SIDECAR, restartPolicy: 'Never' }],
    [{ ...SIDECAR, restartPolicy: undefined, readinessProbe: TCP }],
    [{ ...SIDECAR, name: 'web' }],
    [{ ...SIDECAR, ports: [{ containerPort: 15_000, name: 'Admin' }] }],
  ]),
  ...probes(`${C}.readinessProbe`),
  ...probes(`${C}.livenessProbe`),
  ...probes(`${C}.startupProbe`),
  ...each(`${C}.env`, [
    [{}],
    'x',
    ['x'],
    [{ name: 'A', value: 1 }],
    [{ name: 'A', value: true }],
    [{ name: 'A', value: null }],
  ]),
  ...each(
    `${C}.env`,
    ['', 'a b', '1a', 'a=b', 'ä', 'a.b-c', ' '].map(name => [{ name, value: 'x' }]),
  ),
  ...each(
    `${C}.env`,
    [
      'metadata.name',
      'metadata.namespace',
      'metadata.uid',
      'spec.nodeName',
      'spec.serviceAccountName',
      'status.hostIP',
      'status.hostIPs',
      'status.podIP',
      'status.podIPs',
      "metadata.labels['app']",
      "metadata.annotations['A/b']",
      "metadata.labels['a b']",
      'metadata.labels',
      'metadata.annotations',
      'spec.hostname',
      'x',
      '',
    ].map(fieldPath => from({ fieldRef: { fieldPath } })),
  ),
  ...each(`${C}.env`, [
    from({}),
    from('x'),
    from({ fieldRef: { fieldPath: 'metadata.name', apiVersion: 'v2' } }),
    from({ fieldRef: { fieldPath: 'metadata.name' }, configMapKeyRef: { name: 'a', key: 'b' } }),
    from({ configMapKeyRef: { name: 'a', key: 'b', optional: true } }),
    from({ configMapKeyRef: { name: 'a' } }),
    from({ configMapKeyRef: { key: 'b' } }),
    from({ configMapKeyRef: { name: 'A', key: 'b' } }),
    from({ configMapKeyRef: { name: 'a', key: 'b c' } }),
    from({ configMapKeyRef: { name: 'a', key: '..b' } }),
    from({ configMapKeyRef: { name: 'a', key: 'b', optional: 'x' } }),
    from({ secretKeyRef: { name: 'a', key: 'b' } }),
    from({ secretKeyRef: {} }),
    from({ resourceFieldRef: { resource: 'limits.cpu' } }),
    from({ resourceFieldRef: { resource: 'x' } }),
    from({ resourceFieldRef: {} }),
    [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
  ]),
  ...each(`${C}.envFrom`, [
    [{}],
    'x',
    [{ configMapRef: {} }],
    [{ configMapRef: { name: 'a' } }],
    [{ configMapRef: { name: 'A' } }],
    [{ secretRef: { name: 'a', optional: true }, prefix: 'A_' }],
    [{ secretRef: {} }],
    [{ configMapRef: { name: 'a' }, secretRef: { name: 'a' } }],
    [{ configMapRef: { name: 'a' }, prefix: 'a=b' }],
  ]),
  ...each('spec.restartPolicy', ['Always', 'OnFailure', 'Never', 'always', '', null, 5]),
  ...each('spec.terminationGracePeriodSeconds', [0, 5, -1, null, '5', 1.5]),
  ...each('spec.hostname', NAMES),
  ...each('spec.subdomain', NAMES),
  ...each('spec.nodeName', NAMES),
  ...each('spec.serviceAccountName', ['a', 'A', 'a.b', '', 5]),
  ...each('spec.readinessGates', [[{ conditionType: 'example.com/a' }], [{ conditionType: 'a b' }], [{}], 'x']),
  ...each('spec.enableServiceLinks', [true, false, null, 'true']),
  ...each('spec.hostNetwork', [true, false, null, 'true', 1]),
  ...each('status', ['x', { podIPs: 'x' }, { podIP: 5 }]),
];

export const podCases = (): readonly Case[] => casesOf('Pod', POD, POD_CHANGES);
