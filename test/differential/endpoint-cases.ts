/** Valid and invalid EndpointSlices and Endpoints. */
import { type Changes, casesOf, each, LONG_NAME } from './cases.ts';
import type { Case } from './compare.ts';
import type { Change } from './mutate.ts';

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

const SLICE_CHANGES: Changes = [
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
  ...each('ports[0].name', ['', null, 'A', 'a.b', 'a-name-of-more-than-15', LONG_NAME, 5]),
  ...each('ports[0].protocol', ['TCP', 'UDP', 'tcp', '', null, 5]),
  ...each('ports[0].appProtocol', ['http', 'a b', '', null]),
  ...each('ports[1]', [{ name: 'http', port: 81 }, { name: 'b', port: 80 }, { port: 81 }]),
  [
    ['ports[0].name', undefined],
    ['ports[1]', { port: 81 }],
  ],
];

const ENDPOINTS_CHANGES: Changes = [
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

export const sliceCases = (): readonly Case[] => casesOf('EndpointSlice', SLICE, SLICE_CHANGES);
export const endpointsCases = (): readonly Case[] => casesOf('Endpoints', ENDPOINTS, ENDPOINTS_CHANGES);
