/** Valid and invalid Services: each plain one with each single change, and random ones with several changes. */
import fc from 'fast-check';
import type { Case } from './compare.ts';
import { type Change, changed, changesText } from './mutate.ts';

const service = (name: string, spec: Record<string, unknown>): Record<string, unknown> => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec,
});

const HTTP = { name: 'http', port: 80, targetPort: 8080 };
const DNS = { name: 'dns', port: 53, protocol: 'UDP', targetPort: 'dns' };
const SELECTOR = { app: 'web' };

const BASES: Readonly<Record<string, Record<string, unknown>>> = {
  clusterIP: service('web', { selector: SELECTOR, ports: [HTTP, DNS] }),
  nodePort: service('web', { type: 'NodePort', selector: SELECTOR, ports: [{ port: 80, nodePort: 30_080 }] }),
  loadBalancer: service('web', { type: 'LoadBalancer', selector: SELECTOR, ports: [HTTP] }),
  headless: service('db', { clusterIP: 'None', selector: SELECTOR, ports: [{ port: 5432 }] }),
  selectorless: service('db', { clusterIP: 'None', ports: [{ port: 5432 }] }),
  externalName: service('ext', { type: 'ExternalName', externalName: 'db.example.com' }),
  dualStack: service('web', { selector: SELECTOR, ipFamilyPolicy: 'PreferDualStack', ports: [{ port: 80 }] }),
};

const RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const each = (path: string, values: readonly unknown[]): readonly Change[][] => values.map(value => [[path, value]]);

const LONG = 'a'.repeat(64);
const NUMBERS = [0, -1, 1, 65_535, 65_536, 80.5, 5_000_000_000, '80', true, null, [], {}];
const SPECIAL_ADDRESSES = ['0.0.0.0', '127.0.0.1', '169.254.1.1', '224.0.0.1', '224.0.1.1', '255.255.255.255'];
const SPECIAL_V6 = ['::', '::1', 'fe80::1', 'ff02::1', 'ff05::1', 'ff01::1', 'FD00::0001', '::ffff:192.0.2.1'];
const ADDRESSES = ['192.0.2.1', '2001:db8::1', '010.0.0.1', '1.2.3', '1.2.3.4.5', '256.1.1.1', 'x', '', 'fd00::1%eth0'];
const POLICY_VALUES = ['Cluster', 'Local', 'local', '', null, 5];

const SINGLE: readonly Change[][] = [
  ...each('metadata.name', ['a', '1a', 'A', 'a.b', 'a-', '-a', LONG, '', undefined, null, 5, 'a_b', 'ä']),
  [
    ['metadata.name', undefined],
    ['metadata.generateName', 'web-'],
  ],
  ...each('metadata.labels', [{ app: 'x' }, { 'a b': 'x' }, { app: 'x y' }, { app: 1 }, { app: null }, 'x', [], null]),
  ...each('metadata.labels', [
    { 'example.com/app': LONG },
    { 'Example.com/app': 'x' },
    { 'a/b/c': 'x' },
    { '/a': 'x' },
  ]),
  ...each('metadata.annotations', [{ a: 'any text at all' }, { 'A/b': 'x' }, { 'a b': 'x' }, { a: true }, { a: {} }]),
  ...each('metadata.annotations', [{ a: 'x'.repeat(262_145) }, { a: 'x'.repeat(262_143) }]),
  ...each(`metadata.annotations."${RANGES}"`, [
    '10.0.0.0/8',
    ' 10.0.0.0/8 , 192.0.2.0/24',
    'x',
    '',
    ' ',
    '10.0.0.0/8,',
  ]),
  [
    ['metadata.annotations."service.kubernetes.io/topology-mode"', 'Auto'],
    ['metadata.annotations."service.kubernetes.io/topology-aware-hints"', 'auto'],
  ],
  ...each('metadata.creationTimestamp', ['2026-01-01T00:00:00Z', 'yesterday', null]),
  ...each('metadata.ownerReferences', [
    [{ apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'u' }],
    [{ apiVersion: 'v1', kind: 'Pod', name: 'x' }],
    'x',
  ]),
  ...each('spec', ['x', [], 5]),
  ...each('spec.type', ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName', 'clusterip', '', null, 5, 'Headless']),
  ...each('spec.selector', [
    undefined,
    null,
    {},
    { app: '' },
    { '-a': 'x' },
    { app: 1 },
    { app: null },
    'app',
    ['app'],
  ]),
  ...each('spec.ports', [undefined, null, [], [{}], [null], 'x', ['80'], { port: 80 }]),
  ...each('spec.ports[0].port', [undefined, ...NUMBERS]),
  ...each('spec.ports[0].targetPort', [undefined, ...NUMBERS, '', 'http', 'Http', 'a--b', '-a', 'a-', '8080', 'a.b']),
  ...each('spec.ports[0].targetPort', ['a-name-too-long-x', 'fifteen-letters', '8080a']),
  ...each('spec.ports[0].nodePort', [undefined, 0, 30_081, '30081', 80.5, null]),
  ...each('spec.ports[0].name', ['web', 'Web', 'a.b', '', null, 'dns', LONG, 5, '80', '-']),
  ...each('spec.ports[0].protocol', ['TCP', 'UDP', 'SCTP', 'tcp', '', null, 'ICMP', 6]),
  ...each('spec.ports[0].appProtocol', ['http', 'kubernetes.io/h2c', 'a b', '', null, 'a/b/c', 'HTTP', 5]),
  ...each('spec.ports[1]', [HTTP, { ...HTTP, name: 'b' }, { ...HTTP, name: 'b', protocol: 'UDP' }, { port: 81 }]),
  ...each('spec.ports[1]', [
    { name: 'b', port: 81, nodePort: 30_080 },
    { name: 'http', port: 81 },
  ]),
  ...each('spec.clusterIP', [
    'None',
    'none',
    '',
    null,
    5,
    '10.96.0.77',
    'fd00:96::5',
    '::ffff:10.96.0.77',
    '010.96.0.77',
  ]),
  ...each('spec.clusterIP', ['x', '10.96.0.77/32', '300.1.1.1', 'FD00:96::5']),
  ...each('spec.clusterIPs', [[], null, ['None'], ['10.96.0.77'], 'None', [5], ['']]),
  ...[
    ['None', ['None', '10.96.0.77']],
    ['10.96.0.77', ['10.96.0.77', 'None']],
    ['10.96.0.77', ['10.96.0.78']],
    ['10.96.0.77', ['10.96.0.77', 'fd00:96::5']],
    ['10.96.0.77', ['10.96.0.77', '10.96.0.78']],
    ['10.96.0.77', ['10.96.0.77', 'x']],
    ['10.96.0.77', ['10.96.0.77', 'fd00:96::5', '10.96.0.78']],
    ['None', ['None']],
  ].map(([one, many]): Change[] => [
    ['spec.clusterIP', one],
    ['spec.clusterIPs', many],
  ]),
  ...each('spec.ipFamilies', [
    ['IPv4'],
    ['IPv6'],
    ['IPv4', 'IPv6'],
    ['IPv6', 'IPv4'],
    ['IPv4', 'IPv4'],
    ['ipv4'],
    [],
    null,
  ]),
  ...each('spec.ipFamilies', ['IPv4', [''], [null], [5], ['IPv4', 'IPv6', 'IPv4']]),
  ...each('spec.ipFamilyPolicy', ['SingleStack', 'PreferDualStack', 'RequireDualStack', 'DualStack', '', null, 5]),
  ...each('spec.externalIPs', [[], null, 'x', [5], [null], [...SPECIAL_ADDRESSES], [...SPECIAL_V6], [...ADDRESSES]]),
  ...each('spec.sessionAffinity', ['None', 'ClientIP', 'clientip', '', null, 5]),
  ...each('spec.sessionAffinityConfig', [{}, { clientIP: {} }, { clientIP: { timeoutSeconds: 5 } }, 'x', null]),
  ...[undefined, 0, 1, 86_400, 86_401, -1, '5', null].map((seconds): Change[] => [
    ['spec.sessionAffinity', 'ClientIP'],
    ['spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds],
  ]),
  ...each('spec.loadBalancerSourceRanges', [[], null, 'x', ['10.0.0.0/8'], [' 10.0.0.0/8 '], ['10.0.0.1/8'], ['::/0']]),
  ...each('spec.loadBalancerSourceRanges', [
    ['10.0.0.1'],
    ['10.0.0.0/33'],
    [''],
    ['x/8'],
    ['10.0.0.0/-1'],
    ['10.0.0.0/08'],
  ]),
  ...each('spec.loadBalancerSourceRanges', [['::ffff:192.0.2.0/120'], ['::/129'], ['010.0.0.0/8'], [5]]),
  ...each('spec.loadBalancerClass', ['example.com/internal', 'internal', 'a b', '', null, 5]),
  ...each('spec.allocateLoadBalancerNodePorts', [true, false, null, 'true']),
  ...each('spec.externalName', [
    'db.example.com.',
    'A.example.com',
    'a_b.example.com',
    '',
    undefined,
    '.',
    'a..',
    '192.0.2.1',
    5,
  ]),
  ...each('spec.internalTrafficPolicy', POLICY_VALUES),
  ...each('spec.externalTrafficPolicy', POLICY_VALUES),
  ...each('spec.healthCheckNodePort', [0, 30_999, '30999', null]),
  ...[0, 30_999, 65_536, -1].map((port): Change[] => [
    ['spec.externalTrafficPolicy', 'Local'],
    ['spec.healthCheckNodePort', port],
  ]),
  ...each('spec.trafficDistribution', ['PreferClose', 'PreferSameZone', 'PreferSameNode', 'preferclose', '', null, 5]),
  ...each('spec.publishNotReadyAddresses', [true, false, null, 'true', 1]),
  [
    ['spec.externalIPs', ['192.0.2.1']],
    ['spec.externalTrafficPolicy', 'Local'],
  ],
  ...each('spec.targetport', ['an unknown field']),
];

/** Node ports whose validity depends on settings of the control plane, or on the dry run. */
const SETTINGS: readonly Change[][] = each('spec.ports[0].nodePort', [80, -1, 65_536, 32_768]).concat(
  each('spec.ports[1]', [{ name: 'b', port: 80, protocol: 'UDP', nodePort: 30_080 }]),
  each('spec.clusterIP', ['192.0.2.1', '2001:db8::1', '127.0.0.1', '0.0.0.0']),
);

export function systematicCases(): readonly Case[] {
  return Object.entries(BASES).flatMap(([name, base]) => [
    { name, object: base },
    ...[...SINGLE, ...SETTINGS].map(changes => ({
      name: `${name}: ${changesText(changes)}`,
      object: changed(base, changes),
    })),
  ]);
}

/** Several changes at once to a random base, determined by the seed. */
export function randomCases({ seed, count }: { readonly seed: number; readonly count: number }): readonly Case[] {
  const arbitrary = fc
    .record({
      base: fc.constantFrom(...Object.entries(BASES)),
      changes: fc.uniqueArray(fc.constantFrom(...SINGLE), { minLength: 2, maxLength: 4 }),
    })
    .map(({ base: [name, base], changes }) => ({
      name: `${name}: ${changesText(changes.flat())}`,
      object: changed(base, changes.flat()),
    }));
  return fc.sample(arbitrary, { seed, numRuns: count });
}
