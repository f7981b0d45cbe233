/** Valid and invalid Secrets, ServiceAccounts, and binary data of ConfigMaps. */
import { type Changes, casesOf, each } from './cases.ts';
import type { Case } from './compare.ts';

const BASE64 = [
  '',
  'YQ==',
  'YWI=',
  'YWJj',
  'YQ',
  'YQ=',
  'Y',
  'YQ==\n',
  'YW\r\nI=',
  ' YQ==',
  'YQ== ',
  'Y-==',
  'YR==',
  'YQ==YQ==',
  '=',
  5,
  true,
  null,
  {},
];
const KEYS = ['a', 'A.b-c_d', 'a b', '..a', '.', '.a', '', 'a'.repeat(253), 'a'.repeat(254)];
const encoded = (text: string): string => Buffer.from(text).toString('base64');

const SECRET = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, data: { password: 'c2VjcmV0' } };
const typed = (type: string, ...values: readonly object[]): Changes =>
  values.map(data => [
    ['type', type],
    ['data', data],
  ]);
const DOCKER = ['{}', '{"auths":{}}', '', '[]', 'null', 'x', '"x"', '{'];

const SECRET_CHANGES: Changes = [
  ...each('metadata.name', ['a.b', 'A', '']),
  ...each('data', [undefined, null, {}, 'x', []]),
  ...each(
    'data',
    BASE64.map(value => ({ a: value })),
  ),
  ...each(
    'data',
    KEYS.map(key => ({ [key]: 'YQ==' })),
  ),
  ...each(
    'stringData',
    KEYS.map(key => ({ [key]: 'x' })),
  ),
  ...each('stringData', [{ password: 'x' }, { a: 5 }, { a: null }, { a: true }, 'x', { a: 'ä' }]),
  ...each('immutable', [true, false, null, 'x']),
  ...each('type', ['Opaque', '', null, 'example.com/a', 'a b', 5]),
  ...each('data', [{ a: encoded('x'.repeat(1024 * 1024)) }, { a: encoded('x'.repeat(1024 * 1024)), b: 'YQ==' }]),
  ...typed('kubernetes.io/tls', {}, { 'tls.crt': 'YQ==' }, { 'tls.crt': '', 'tls.key': '' }),
  ...typed('kubernetes.io/basic-auth', {}, { username: 'YQ==' }, { password: '' }),
  ...typed('kubernetes.io/ssh-auth', {}, { 'ssh-privatekey': '' }, { 'ssh-privatekey': 'YQ==' }),
  ...typed('kubernetes.io/dockerconfigjson', {}, ...DOCKER.map(text => ({ '.dockerconfigjson': encoded(text) }))),
  ...typed('kubernetes.io/dockercfg', {}, ...DOCKER.map(text => ({ '.dockercfg': encoded(text) }))),
  ...typed('kubernetes.io/service-account-token', {}),
  ...typed('bootstrap.kubernetes.io/token', {}),
  [
    ['type', 'kubernetes.io/service-account-token'],
    ['metadata.annotations', { 'kubernetes.io/service-account.name': 'a' }],
  ],
  [
    ['type', 'kubernetes.io/tls'],
    ['stringData', { 'tls.crt': 'a', 'tls.key': 'b' }],
  ],
];

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop' }, data: { A: 'a' } };
const CONFIG_MAP_CHANGES: Changes = [
  ...each(
    'binaryData',
    BASE64.map(value => ({ B: value })),
  ),
  ...each(
    'binaryData',
    KEYS.map(key => ({ [key]: 'YQ==' })),
  ),
  ...each('binaryData', [{ A: 'YQ==' }, 'x', null]),
  ...each('immutable', [true, false, null, 'x']),
  ...each('data', [{ A: 'x'.repeat(1024 * 1024 - 1) }, { A: 'x'.repeat(1024 * 1024 + 1) }]),
];

const ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'shop' } };
const ACCOUNT_CHANGES: Changes = [
  ...each('metadata.name', ['a.b', 'A', '']),
  ...each('imagePullSecrets', [[{ name: 'a' }], [{}], [{ name: 5 }], 'x']),
  ...each('automountServiceAccountToken', [true, false, null, 'x']),
];

export const secretCases = (): readonly Case[] => casesOf('Secret', SECRET, SECRET_CHANGES);
export const binaryDataCases = (): readonly Case[] => casesOf('ConfigMap', CONFIG_MAP, CONFIG_MAP_CHANGES);
export const serviceAccountCases = (): readonly Case[] => casesOf('ServiceAccount', ACCOUNT, ACCOUNT_CHANGES);
