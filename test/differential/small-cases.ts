/** Valid and invalid objects of kinds with few fields. */
import { type Changes, casesOf, each, LONG_NAME } from './cases.ts';
import type { Case } from './compare.ts';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop' }, data: { A: 'a' } };
const CONFIG_MAP_CHANGES: Changes = [
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
  ...each('data', [{ [LONG_NAME]: 'x' }, { ['a'.repeat(254)]: 'x' }]),
  ...each('metadata.name', ['a.b', 'A', '']),
];

const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
const NAMESPACE_CHANGES: Changes = each('metadata.name', ['1', 'a.b', 'A', LONG_NAME, '', 5]);

const NODE = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } };
const NODE_CHANGES: Changes = [
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
const SERVICE_CIDR_CHANGES: Changes = [
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

export const configMapCases = (): readonly Case[] => casesOf('ConfigMap', CONFIG_MAP, CONFIG_MAP_CHANGES);
export const namespaceCases = (): readonly Case[] => casesOf('Namespace', NAMESPACE, NAMESPACE_CHANGES);
export const nodeCases = (): readonly Case[] => casesOf('Node', NODE, NODE_CHANGES);
export const serviceCidrCases = (): readonly Case[] => casesOf('ServiceCIDR', SERVICE_CIDR, SERVICE_CIDR_CHANGES);
