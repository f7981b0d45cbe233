/** Valid and invalid Pods: names, DNS, security, namespaces, deadlines. */
import fc from 'fast-check';
import { type Changes, casesOf, each, NAMES, POD, sampled } from './cases.ts';
import type { Case } from './compare.ts';
import { CONTAINER_CHANGES } from './container-cases.ts';
import { VOLUME_CHANGES } from './volume-cases.ts';

const IDS = [0, 1000, 2 ** 31 - 1, 2 ** 31, -1, '1000', null];
const S = 'spec.securityContext';
const sysctls = (...names: readonly unknown[]): unknown => ({ sysctls: names.map(name => ({ name, value: '1' })) });
const ADDRESSES = ['10.0.0.1', '2001:db8::1', '010.0.0.1', '::ffff:10.0.0.1', 'x', '', 5];
const DOMAINS = ['a.b', 'a.b.', '.', '', '_tcp.a', 'a_b', 'A', 'a..b', '-a', '_', '__a', 'a_', 5];

const DNS_CHANGES: Changes = [
  ...each('spec.dnsPolicy', ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None', 'default', '', null, 5]),
  ...each('spec.dnsConfig', [{}, null, 'x', { nameservers: 'x' }, { options: 'x' }]),
  ...[undefined, {}, { nameservers: [] }, { nameservers: ['10.0.0.1'] }].map(
    config =>
      [
        ['spec.dnsPolicy', 'None'],
        ['spec.dnsConfig', config],
      ] as const,
  ),
  ...each(
    'spec.dnsConfig.nameservers',
    ADDRESSES.map(address => [address]),
  ),
  ...each('spec.dnsConfig.nameservers', [['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4']]),
  ...each(
    'spec.dnsConfig.searches',
    DOMAINS.map(domain => [domain]),
  ),
  ...each('spec.dnsConfig.searches', [
    Array.from({ length: 33 }, (_, index) => `a${index}`),
    Array.from({ length: 10 }, () => `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}`),
  ]),
  ...each('spec.dnsConfig.options', [
    [{ name: 'ndots', value: '2' }],
    [{ name: 'edns0' }],
    [{}],
    [{ value: '2' }],
    [{ name: 5 }],
  ]),
  ...each(
    'spec.hostAliases',
    ADDRESSES.map(ip => [{ ip, hostnames: ['a.b'] }]),
  ),
  ...each('spec.hostAliases', [
    [{ ip: '10.0.0.1' }],
    [{ ip: '10.0.0.1', hostnames: ['A'] }],
    [{ ip: '10.0.0.1', hostnames: ['a_b', ''] }],
    [{ ip: '10.0.0.1', hostnames: 'a' }],
    [{ hostnames: ['a'] }],
    'x',
  ]),
];

const SECURITY_CHANGES: Changes = [
  ...each(S, [{}, null, 'x', { runAsNonRoot: true }, { runAsNonRoot: 'x' }]),
  ...['runAsUser', 'runAsGroup', 'fsGroup'].flatMap(name =>
    each(
      S,
      IDS.map(id => ({ [name]: id })),
    ),
  ),
  ...each(
    S,
    [0, 2 ** 31, '1'].map(id => ({ supplementalGroups: [1, id] })),
  ),
  ...each(
    S,
    ['Always', 'OnRootMismatch', 'x', '', null].map(fsGroupChangePolicy => ({ fsGroupChangePolicy })),
  ),
  ...each(S, [
    { seccompProfile: { type: 'RuntimeDefault' } },
    { seccompProfile: { type: 'x' } },
    { seccompProfile: { type: 'Localhost' } },
  ]),
  ...each(
    S,
    ['net.core.somaxconn', 'kernel.shm_rmid_forced', 'net/ipv4/x', '', 'A', 'a b', 'x.', 'a'.repeat(254), 5].map(name =>
      sysctls(name),
    ),
  ),
  ...each(S, [sysctls('a.b', 'a.b'), { sysctls: 'x' }, { sysctls: [{ value: '1' }] }]),
  ...['net.core.somaxconn', 'net/core/somaxconn', 'kernel.msgmax', 'fs.mqueue.x', 'kernel.x'].flatMap(name =>
    ['hostNetwork', 'hostIPC'].map(
      host =>
        [
          [`spec.${host}`, true],
          [S, sysctls(name)],
        ] as const,
    ),
  ),
];

const OTHER_CHANGES: Changes = [
  ...each('spec.setHostnameAsFQDN', [true, false, null, 'x']),
  ...each('spec.imagePullSecrets', [[{ name: 'a' }], [{}], [{ name: 'A b' }], [{ name: 5 }], 'x', []]),
  ...each('spec.shareProcessNamespace', [true, false, null, 'x']),
  ...each('spec.hostPID', [true, 'x']),
  ...each('spec.hostIPC', [true, 'x']),
  [
    ['spec.hostPID', true],
    ['spec.shareProcessNamespace', true],
  ],
  ...each('spec.activeDeadlineSeconds', [1, 0, -1, 2 ** 31 - 1, 2 ** 31, '5', null]),
  ...each('spec.automountServiceAccountToken', [true, false, null, 'x']),
  ...each('spec.nodeSelector', [{ 'kubernetes.io/os': 'linux' }, { 'a b': 'x' }, { a: 'b c' }, { a: 1 }, 'x']),
  ...each('spec.os', [{ name: 'linux' }, { name: 'Linux' }, { name: '' }, {}, 'x', null]),
  ...each('spec.serviceAccount', ['a', '', 5]),
  [
    ['spec.serviceAccount', 'a'],
    ['spec.serviceAccountName', 'b'],
  ],
  ...each('spec.hostUsers', [true]),
  ...each('spec.tolerations', [[{ operator: 'Exists' }]]),
];

/** Kubernetes 1.34 drops the field. */
const OVERRIDE_CHANGES: Changes = [
  ...each('spec.hostnameOverride', [...NAMES, 'a.b.c', 'a.'.repeat(40)]),
  ...['setHostnameAsFQDN', 'hostNetwork'].map(
    name =>
      [
        [`spec.${name}`, true],
        ['spec.hostnameOverride', 'a'],
      ] as const,
  ),
];

const POD_RUN_CHANGES: Changes = [...DNS_CHANGES, ...SECURITY_CHANGES, ...OTHER_CHANGES];

export const podRunCases = (): readonly Case[] => casesOf('Pod', POD, POD_RUN_CHANGES);

/** Pods with several changes at once. */
export function combinedCases(count: number): readonly Case[] {
  const one = fc.oneof(
    fc.constantFrom(...POD_RUN_CHANGES),
    fc.constantFrom(...CONTAINER_CHANGES),
    fc.constantFrom(...VOLUME_CHANGES),
  );
  const several = fc.tuple(one, one, one).map(changes => changes.flat());
  return casesOf('Pod', POD, sampled(several, count));
}
export const hostnameOverrideCases = (): readonly Case[] => casesOf('Pod', POD, OVERRIDE_CHANGES);
