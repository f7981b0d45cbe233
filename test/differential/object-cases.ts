/** Valid and invalid Pods, Deployments, EndpointSlices and Endpoints, each with one change. */
import type { Case } from './compare.ts';
import { type Change, changed, changesText } from './mutate.ts';

const CONTAINER = { name: 'web', image: 'web:1' };
const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers: [CONTAINER] } };
const SIDECAR = { name: 'proxy', image: 'proxy:1', restartPolicy: 'Always' };
const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [CONTAINER] } },
  },
};
const STATEFUL_SET = { ...DEPLOYMENT, kind: 'StatefulSet' };
const SLICE = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.0.0.1'] }],
  ports: [{ name: 'http', port: 80 }],
};
const ENDPOINTS = {
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name: 'web' },
  subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }],
};

const each = (path: string, values: readonly unknown[]): readonly Change[][] => values.map(value => [[path, value]]);
const LONG = 'a'.repeat(64);
const NAMES = ['a', 'A', 'a.b', 'a_b', '-a', LONG, 5, null, ''];
const C = 'spec.containers[0]';
const TCP = { tcpSocket: { port: 80 } };

const probes = (path: string): readonly Change[][] => [
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

const POD_CHANGES: readonly Change[][] = [
  ...each('metadata.name', ['a.b', 'A', 'a_b', 'a..b', LONG, 'a'.repeat(254), '', undefined, '1']),
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

const WORKLOAD_CHANGES: readonly Change[][] = [
  ...each('metadata.name', ['a.b', 'A', '']),
  ...each('spec.replicas', [0, 3, -1, null, '3', 1.5]),
  ...each('spec.selector', [
    undefined,
    {},
    { matchLabels: {} },
    { matchLabels: { app: 'x' } },
    { matchLabels: { app: 1 } },
    'x',
  ]),
  ...each('spec.selector', [
    { matchExpressions: [{ key: 'app', operator: 'Exists' }] },
    { matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'x'] }] },
    { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] },
    { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] },
    { matchExpressions: [{ key: 'app', operator: 'In' }] },
    { matchExpressions: [{ key: 'app', operator: 'Exists', values: ['x'] }] },
    { matchExpressions: [{ key: 'app', operator: 'exists' }] },
    { matchExpressions: [{ key: 'a b', operator: 'DoesNotExist' }] },
  ]),
  ...each('spec.template', [undefined, {}, 'x']),
  ...each('spec.template.metadata.labels', [undefined, { app: 'web', x: 'y' }, { app: 'web', x: 'y z' }, { app: 'x' }]),
  ...each('spec.template.metadata.annotations', [{ 'a b': 'x' }, { a: 1 }]),
  ...each('spec.template.spec.restartPolicy', ['Always', 'Never', 'x']),
  ...each('spec.template.spec.hostNetwork', [true]),
  ...each('spec.template.spec.containers', [[], [{ name: 'A', image: 'a' }], [{ name: 'a' }]]),
  ...each('spec.template.spec.containers[0].ports', [[{ containerPort: '80' }], [{ containerPort: 80, name: 'Web' }]]),
];

const STATEFUL_CHANGES: readonly Change[][] = [
  ...each('spec.serviceName', ['web', '', undefined, 5]),
  ...each('spec.ordinals', [{ start: 3 }, { start: -1 }, { start: '1' }, {}]),
];

const endpoint = (fields: Record<string, unknown>): unknown => ({ addresses: ['10.0.0.1'], ...fields });
const zones = (count: number): unknown => Array.from({ length: count }, (_, index) => ({ name: `z${index}` }));
const ADDRESSES = [
  '10.0.0.1',
  '010.0.0.1',
  '127.0.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '169.254.1.1',
  '255.255.255.255',
  'x',
  '',
];
const ADDRESSES_6 = [
  '2001:db8::1',
  '2001:DB8::1',
  '::1',
  '::',
  'fe80::1',
  'ff02::1',
  '::ffff:10.0.0.1',
  'fd00::1%eth0',
];

const SLICE_CHANGES: readonly Change[][] = [
  ...each('metadata.name', ['a.b', 'A', '']),
  ...each('metadata.labels', [{}, { 'kubernetes.io/service-name': 'a b' }]),
  ...each('addressType', ['IPv6', 'FQDN', 'IP', 'ipv4', '', undefined, null, 5]),
  ...each('endpoints', [
    undefined,
    null,
    [],
    [{}],
    [null],
    'x',
    ['10.0.0.1'],
    [{ addresses: [] }],
    [{ addresses: 'x' }],
  ]),
  ...each(
    'endpoints',
    [...ADDRESSES, ...ADDRESSES_6].map(address => [{ addresses: ['10.0.0.9', address] }]),
  ),
  ...[...ADDRESSES, ...ADDRESSES_6].map((address): Change[] => [
    ['addressType', 'IPv6'],
    ['endpoints[0].addresses', ['2001:db8::9', address]],
  ]),
  ...['a', 'a.b', 'A.b', 'a.b.', '', '1.2.3.4', 'a_b.c'].map((address): Change[] => [
    ['addressType', 'FQDN'],
    ['endpoints[0].addresses', ['x.example.com', address]],
  ]),
  ...each('endpoints[0].addresses', [[5], Array.from({ length: 101 }, (_, index) => `10.0.0.${index + 1}`)]),
  ...each(
    'endpoints',
    [
      ...['a', 'A', '', 'a.b', 5].map(hostname => ({ hostname })),
      ...['a', 'a.b', 'A', '', 5].map(nodeName => ({ nodeName })),
      ...['a', '', null, 5].map(zone => ({ zone })),
      ...['x', null, {}, { ready: 'x' }, { ready: null }, { ready: false, serving: true, terminating: true }].map(
        conditions => ({ conditions }),
      ),
      ...[
        'x',
        null,
        {},
        { forZones: [{ name: 'a' }] },
        { forZones: [{ name: 'a b' }] },
        { forZones: [{ name: '' }] },
      ].map(hints => ({ hints })),
      ...[zones(9), zones(8), [{ name: 'a' }, { name: 'a' }]].flatMap(list => [
        { hints: { forZones: list } },
        { hints: { forNodes: list } },
      ]),
      { hints: { forNodes: [{ name: 'A b' }] } },
      { targetRef: { kind: 'Pod', name: 'web', namespace: 'default' } },
      { targetRef: { kind: 5 } },
    ].map(fields => [endpoint(fields)]),
  ),
  ...each('ports', [undefined, null, [], [{}], 'x', [80]]),
  ...each('ports[0].port', [0, 65_536, -1, '80', null, 80.5]),
  ...each('ports[0].name', ['', null, 'A', 'a.b', 'a-name-of-more-than-15', LONG, 5]),
  ...each('ports[0].protocol', ['TCP', 'UDP', 'tcp', '', null, 5]),
  ...each('ports[0].appProtocol', ['http', 'a b', '', null]),
  ...each('ports[1]', [{ name: 'http', port: 81 }, { name: 'b', port: 80 }, { port: 81 }]),
  [
    ['ports[0].name', undefined],
    ['ports[1]', { port: 81 }],
  ],
];

const ENDPOINTS_CHANGES: readonly Change[][] = [
  ...each('subsets', [undefined, [], [{}], 'x', [{ ports: [{ port: 80 }] }], [{ addresses: [{ ip: '10.0.0.1' }] }]]),
  ...each(
    'subsets[0].addresses',
    [...ADDRESSES, ...ADDRESSES_6].map(ip => [{ ip }]),
  ),
  ...each(
    'subsets[0].notReadyAddresses',
    ['10.0.0.2', 'x'].map(ip => [{ ip }]),
  ),
  ...each('subsets[0].addresses[0].hostname', ['a', 'A', '', 5]),
  ...each('subsets[0].addresses[0].nodeName', ['a', 'A', 5]),
  ...each('subsets[0].addresses[0].targetRef', [{ kind: 'Pod', name: 'a' }, 'x']),
  ...each('subsets[0].ports[0].port', [0, 65_536, '80', undefined]),
  ...each('subsets[0].ports[0].name', ['a', 'A', 'a.b', 5]),
  ...each('subsets[0].ports[0].protocol', ['UDP', 'tcp', '']),
  ...each('subsets[0].ports[0].appProtocol', ['http', 'a b']),
  ...each('subsets[0].ports[1]', [{ port: 81 }, { port: 81, name: 'b' }]),
];

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop' }, data: { A: 'a' } };
const CONFIG_MAP_CHANGES: readonly Change[][] = [
  ...each('data', [
    undefined,
    {},
    { 'a b': 'x' },
    { '..a': 'x' },
    { '.': 'x' },
    { A: 1 },
    { A: null },
    { '.a': 'x' },
    'x',
    ['x'],
  ]),
  ...each('data', [{ [LONG]: 'x' }, { ['a'.repeat(254)]: 'x' }]),
  ...each('metadata.name', ['a.b', 'A', '']),
];

const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
const NAMESPACE_CHANGES: readonly Change[][] = each('metadata.name', ['1', 'a.b', 'A', LONG, '', 5]);

const NODE = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } };
const NODE_CHANGES: readonly Change[][] = [
  ...each('metadata.name', ['a.b', 'A', '']),
  ...each('spec.podCIDR', ['10.1.0.0/24', 'x', '', 5]),
  [
    ['spec.podCIDR', '10.1.0.0/24'],
    ['spec.podCIDRs', ['10.1.0.0/24', 'fd00:1::/64']],
  ],
  [
    ['spec.podCIDR', '10.1.0.0/24'],
    ['spec.podCIDRs', ['10.1.0.0/24', 'x']],
  ],
  [
    ['spec.podCIDR', '10.1.0.0/24'],
    ['spec.podCIDRs', ['10.1.0.0/24', '10.2.0.0/24']],
  ],
  ...each('status.addresses', ['x', [{ type: 'InternalIP', address: '192.0.2.1' }], [{ type: 5 }]]),
];

const SERVICE_CIDR = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: { name: 'more' },
  spec: { cidrs: ['10.200.0.0/16'] },
};
const SERVICE_CIDR_CHANGES: readonly Change[][] = [
  ...each('spec.cidrs', [
    undefined,
    [],
    ['10.200.0.0/16', 'fd00:200::/112'],
    ['10.200.0.0/16', '10.201.0.0/16'],
    ['x'],
    'x',
  ]),
  ...each('spec.cidrs', [['10.200.0.1/16'], ['010.200.0.0/16'], ['FD00:200::/112'], ['::ffff:10.200.0.0/112'], [5]]),
  ...each('spec.cidrs', [['10.200.0.0/16', 'fd00:200::/112', '10.201.0.0/16'], ['10.200.0.0/016'], [' 10.200.0.0/16']]),
];

function casesOf(kind: string, base: unknown, changes: readonly Change[][]): readonly Case[] {
  return [
    { name: kind, object: base },
    ...changes.map(list => ({ name: `${kind}: ${changesText(list)}`, object: changed(base, list) })),
  ];
}

export const podCases = (): readonly Case[] => casesOf('Pod', POD, POD_CHANGES);
export const deploymentCases = (): readonly Case[] => casesOf('Deployment', DEPLOYMENT, WORKLOAD_CHANGES);
export const statefulSetCases = (): readonly Case[] => casesOf('StatefulSet', STATEFUL_SET, STATEFUL_CHANGES);
export const sliceCases = (): readonly Case[] => casesOf('EndpointSlice', SLICE, SLICE_CHANGES);
export const endpointsCases = (): readonly Case[] => casesOf('Endpoints', ENDPOINTS, ENDPOINTS_CHANGES);
export const configMapCases = (): readonly Case[] => casesOf('ConfigMap', CONFIG_MAP, CONFIG_MAP_CHANGES);
export const namespaceCases = (): readonly Case[] => casesOf('Namespace', NAMESPACE, NAMESPACE_CHANGES);
export const nodeCases = (): readonly Case[] => casesOf('Node', NODE, NODE_CHANGES);
export const serviceCidrCases = (): readonly Case[] => casesOf('ServiceCIDR', SERVICE_CIDR, SERVICE_CIDR_CHANGES);
