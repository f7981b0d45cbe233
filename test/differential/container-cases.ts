/** Valid and invalid containers: images, resources, security contexts, hooks. */
import fc from 'fast-check';
import { type Changes, casesOf, DEPLOYMENT, each, POD, sampled, TEMPLATE } from './cases.ts';
import type { Case } from './compare.ts';

const C = 'spec.containers[0]';
const DIGEST = `sha256:${'a'.repeat(64)}`;
const IMAGES = [
  'web',
  'web:1',
  'web:latest',
  `web@${DIGEST}`,
  `web:latest@${DIGEST}`,
  `web:1@${DIGEST}`,
  'web@sha256:abc',
  'registry:5000/web',
  'registry:5000/web:latest',
  'registry:5000/web:1',
  'localhost/web',
  'localhost:5000/a/b',
  'a.b/c',
  'A/b',
  'Web',
  'web:',
  'web:-a',
  'web:a b',
  'a//b',
  '/web',
  'a__b',
  'a___b',
  'a-b.c',
  'docker.io/web',
  'index.docker.io/library/web:latest',
  'a'.repeat(64),
];

const QUANTITIES = [
  '1',
  '500m',
  '0.5',
  '.5',
  '1.',
  '1k',
  '1Ki',
  '1e3',
  '1E3',
  '1E',
  '1e-3',
  '0',
  '-0',
  '-1',
  '+1',
  '1n',
  '1500u',
  '0.0001',
  '1.5Gi',
  '1.1Ki',
  '0.5Ki',
  '1024Mi',
  '1000Mi',
  '1023',
  '12345678901234567890',
  '9Ei',
  '1e20',
  '',
  ' 1',
  '1 ',
  '1 m',
  '1m5',
  '1mm',
  '1K',
  '1KiB',
  'x',
  '1,5',
  '0x1',
  '1e',
  '--1',
  'Ki',
  'm',
  '+',
  '.',
  '1_000',
  1,
  0.5,
  1.0001,
  -1,
  1e21,
  true,
  null,
  {},
];

/** Numbers and suffixes that are mostly valid. */
const ANY_QUANTITY = fc
  .tuple(
    fc.constantFrom('', '', '', '-', '+'),
    fc.constantFrom('0', '1', '7', '10', '500', '1000', '1024', '1536', '1234567', '123456789012345678901'),
    fc.constantFrom('', '', '', '.', '.5', '.25', '.0001', '.000', '.123456789', '.1234567891'),
    fc.constantFrom(
      '',
      'n',
      'u',
      'm',
      'k',
      'M',
      'G',
      'T',
      'P',
      'Ki',
      'Mi',
      'Gi',
      'Ti',
      'Pi',
      'Ei',
      'e3',
      'E-3',
      'e6',
      'K',
      'Kib',
    ),
  )
  .map(parts => parts.join(''));

const cpu = (value: unknown) => ({ limits: { cpu: value } });

const RESOURCE_CHANGES: Changes = [
  ...each(
    `${C}.resources`,
    sampled(ANY_QUANTITY, 400).map(memory => ({ requests: { memory } })),
  ),
  ...each(
    'spec.volumes',
    sampled(ANY_QUANTITY, 200).map(sizeLimit => [{ name: 'v', emptyDir: { sizeLimit } }]),
  ),
  ...each(`${C}.resources`, [...QUANTITIES.map(cpu), ...QUANTITIES.map(memory => ({ requests: { memory } }))]),
  ...each(`${C}.resources`, [
    {},
    'x',
    { limits: 'x' },
    { limits: { cpu: '1', memory: '64Mi', 'ephemeral-storage': '1Gi' } },
    { limits: { storage: '1Gi' } },
    { limits: { CPU: '1' } },
    { limits: { 'a b': '1' } },
    { limits: { 'example.com/gpu': '1' } },
    { limits: { 'example.com/gpu': '1.5' } },
    { requests: { 'example.com/gpu': '1' } },
    { limits: { 'example.com/gpu': '2' }, requests: { 'example.com/gpu': '1' } },
    { limits: { 'requests.example.com/gpu': '1' } },
    { limits: { 'kubernetes.io/x': '1' } },
    { limits: { cpu: '1' }, requests: { cpu: '2' } },
    { limits: { cpu: '1' }, requests: { cpu: '1000m' } },
    { limits: { cpu: '1' }, requests: { cpu: '500m', memory: '1Mi' } },
    { limits: { 'hugepages-2Mi': '4Mi' } },
    { limits: { 'hugepages-2Mi': '4Mi', cpu: '1' } },
    { limits: { 'hugepages-2Mi': '3Mi', cpu: '1' } },
    { limits: { 'hugepages-2Mi': '4Mi', cpu: '1' }, requests: { 'hugepages-2Mi': '2Mi' } },
    { requests: { 'hugepages-2Mi': '2Mi', cpu: '1' } },
  ]),
];

const IDS = [0, 1000, 2 ** 31 - 1, 2 ** 31, -1, '1000', null, 1.5];
const SECCOMP = [
  {},
  { type: 'RuntimeDefault' },
  { type: 'Unconfined' },
  { type: 'Localhost' },
  { type: 'Localhost', localhostProfile: 'a/b' },
  { type: 'Localhost', localhostProfile: '../b' },
  { type: 'Localhost', localhostProfile: '/b' },
  { type: 'RuntimeDefault', localhostProfile: 'a' },
  { type: 'x' },
  { type: '' },
  'x',
  null,
];

const SECURITY_CHANGES: Changes = [
  ...each(`${C}.securityContext`, [{}, null, 'x', { privileged: true }, { privileged: 'x' }]),
  ...['runAsUser', 'runAsGroup'].flatMap(name =>
    each(
      `${C}.securityContext`,
      IDS.map(id => ({ [name]: id })),
    ),
  ),
  ...each(
    `${C}.securityContext`,
    SECCOMP.map(seccompProfile => ({ seccompProfile })),
  ),
  ...each(`${C}.securityContext`, [
    { runAsNonRoot: true, readOnlyRootFilesystem: true },
    { runAsNonRoot: 1 },
    { allowPrivilegeEscalation: false },
    { allowPrivilegeEscalation: false, privileged: true },
    { allowPrivilegeEscalation: false, capabilities: { add: ['CAP_SYS_ADMIN'] } },
    { allowPrivilegeEscalation: false, capabilities: { add: ['SYS_ADMIN'] } },
    { capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] } },
    { capabilities: { add: 'NET_ADMIN' } },
    { capabilities: 'x' },
  ]),
];

const HOOKS = [
  {},
  null,
  'x',
  { exec: { command: ['true'] } },
  { exec: {} },
  { httpGet: { port: 80 } },
  { httpGet: { port: 'http', scheme: 'x' } },
  { httpGet: {} },
  { tcpSocket: { port: 80 } },
  { tcpSocket: {} },
  { sleep: { seconds: 5 } },
  { sleep: { seconds: 31 } },
  { sleep: { seconds: -1 } },
  { sleep: {} },
  { sleep: { seconds: '5' } },
  { exec: { command: ['true'] }, sleep: { seconds: 1 } },
];

const LIFECYCLE_CHANGES: Changes = [
  ...each(`${C}.lifecycle`, [{}, null, 'x', { stopSignal: 'SIGUSR1' }]),
  ...each(
    `${C}.lifecycle`,
    HOOKS.flatMap(hook => [{ postStart: hook }, { preStop: hook }]),
  ),
  [
    ['spec.terminationGracePeriodSeconds', 60],
    [`${C}.lifecycle`, { preStop: { sleep: { seconds: 45 } } }],
  ],
  ...each('spec.initContainers', [
    [{ name: 'i', image: 'i', lifecycle: {} }],
    [{ name: 'i', image: 'i', lifecycle: { preStop: { sleep: { seconds: 1 } } } }],
    [{ name: 'i', image: 'i', restartPolicy: 'Always', lifecycle: { preStop: { sleep: { seconds: 1 } } } }],
    [{ name: 'i', image: 'i', restartPolicy: 'Always', lifecycle: { preStop: {} } }],
  ]),
];

const ref = (resourceFieldRef: object): unknown => [{ name: 'A', valueFrom: { resourceFieldRef } }];
const OTHER_CHANGES: Changes = [
  ...each(`${C}.image`, IMAGES),
  ...each(`${C}.imagePullPolicy`, ['Always', 'IfNotPresent', 'Never', 'always', '', null, 5]),
  ...each(`${C}.terminationMessagePath`, ['/tmp/x', 'x', '', 5]),
  ...each(`${C}.terminationMessagePolicy`, ['File', 'FallbackToLogsOnError', 'x', '', null]),
  ...each(
    `${C}.ports`,
    ['127.0.0.1', 'x', '', 5].map(hostIP => [{ containerPort: 80, hostPort: 80, hostIP }]),
  ),
  ...each(`${C}.stdin`, [true]),
  ...each(`${C}.tty`, [true]),
  ...each(
    `${C}.env`,
    ['1', '1m', '1k', '0', '2', '1000m', 'x', 5].map(divisor => ref({ resource: 'limits.cpu', divisor })),
  ),
  ...each(
    `${C}.env`,
    ['1', '1Mi', '1M', '2Mi', '1m', '1024Ki'].map(divisor => ref({ resource: 'requests.memory', divisor })),
  ),
  ...each(`${C}.env`, [
    ref({ resource: 'limits.hugepages-2Mi' }),
    ref({ resource: 'limits.hugepages-2Mi', divisor: '3' }),
    ref({ resource: 'limits.ephemeral-storage', divisor: '1Gi', containerName: 'web' }),
  ]),
];

const IN_TEMPLATE: Changes = each('spec.template.spec.containers[0].resources', [
  { limits: { cpu: '1' } },
  { limits: { 'example.com/gpu': '1' } },
  { limits: { 'hugepages-2Mi': '4Mi', cpu: '1' } },
]);

export const CONTAINER_CHANGES: Changes = [
  ...RESOURCE_CHANGES,
  ...SECURITY_CHANGES,
  ...LIFECYCLE_CHANGES,
  ...OTHER_CHANGES,
];

export const containerCases = (): readonly Case[] => casesOf('Pod', POD, CONTAINER_CHANGES);
export const templateCases = (): readonly Case[] => [
  ...casesOf('Deployment', { ...DEPLOYMENT, spec: { ...DEPLOYMENT.spec, template: TEMPLATE } }, IN_TEMPLATE),
];
