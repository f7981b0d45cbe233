/** Valid and invalid volumes of Pods, and their mounts. */
import { type Changes, casesOf, each, LONG_NAME, POD } from './cases.ts';
import type { Case } from './compare.ts';

const V = 'spec.volumes[0]';
const sources = (list: readonly object[]): Changes =>
  each(
    V,
    list.map(source => ({ name: 'v', ...source })),
  );
const CLAIM = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const PATHS = ['a', 'a/b', '/a', '../a', 'a/../b', '..a', '..', 'a..b', '', undefined, 5];
const MODES = [0, 0o644, 0o777, 0o1000, -1, '0644', null];
const keyed = (type: string, name: string): Changes => [
  ...sources([
    { [type]: {} },
    { [type]: { [name]: 'x' } },
    { [type]: { [name]: 'x', optional: true } },
    { [type]: { [name]: 'X Y' } },
    { [type]: { [name]: 5 } },
    { [type]: 'x' },
    { [type]: { [name]: 'x', items: [] } },
    { [type]: { [name]: 'x', items: [{}] } },
    { [type]: { [name]: 'x', items: [{ key: 'a b', path: 'a' }] } },
    { [type]: { [name]: 'x', items: 'x' } },
  ]),
  ...sources(MODES.map(defaultMode => ({ [type]: { [name]: 'x', defaultMode } }))),
  ...sources(MODES.map(mode => ({ [type]: { [name]: 'x', items: [{ key: 'a', path: 'a', mode }] } }))),
  ...sources(PATHS.map(path => ({ [type]: { [name]: 'x', items: [{ key: 'a', path }] } }))),
];
const fieldRef = (fieldPath: string) => ({ fieldPath });
const downward = (item: unknown) => ({ downwardAPI: { items: [item] } });
const projected = (...list: readonly unknown[]) => ({ projected: { sources: list } });
const CPU = { containerName: 'web', resource: 'limits.cpu' };

export const VOLUME_CHANGES: Changes = [
  ...each('spec.volumes', [[], 'x', null, [{ name: 'a' }, { name: 'a' }], [{ name: 'a' }, { name: 'b' }]]),
  ...each(
    'spec.volumes',
    ['a', 'A', 'a.b', '', undefined, 5, LONG_NAME].map(name => [{ name }]),
  ),
  ...sources([
    { emptyDir: {} },
    { emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
    { emptyDir: { medium: 'x' } },
    { emptyDir: { sizeLimit: '-1' } },
    { emptyDir: { sizeLimit: 'x' } },
    { emptyDir: { sizeLimit: 5 } },
    { emptyDir: { sizeLimit: '1.5Gi' } },
    { emptyDir: 'x' },
  ]),
  ...keyed('configMap', 'name'),
  ...keyed('secret', 'secretName'),
  ...sources(
    ['', 'DirectoryOrCreate', 'Directory', 'File', 'Socket', 'x', null, 5].map(type => ({
      hostPath: { path: '/srv', type },
    })),
  ),
  ...sources(['/srv', 'srv', '', undefined, '/a/../b', '/a/..b'].map(path => ({ hostPath: { path } }))),
  ...sources([
    { persistentVolumeClaim: { claimName: 'a', readOnly: true } },
    { persistentVolumeClaim: {} },
    { persistentVolumeClaim: { claimName: 'A b' } },
    { persistentVolumeClaim: { claimName: 5 } },
  ]),
  ...sources([
    { ephemeral: {} },
    { ephemeral: { volumeClaimTemplate: {} } },
    { ephemeral: { volumeClaimTemplate: { spec: CLAIM } } },
    { ephemeral: { volumeClaimTemplate: { metadata: { labels: { a: 'b' } }, spec: CLAIM } } },
    { ephemeral: { volumeClaimTemplate: { metadata: { labels: { a: 'b c' } }, spec: CLAIM } } },
    { ephemeral: { volumeClaimTemplate: { metadata: { name: 'x' }, spec: CLAIM } } },
    { ephemeral: { volumeClaimTemplate: { spec: { ...CLAIM, accessModes: [] } } } },
  ]),
  ...each('spec.volumes', [
    [
      { name: 'v', ephemeral: { volumeClaimTemplate: { spec: CLAIM } } },
      { name: 'w', persistentVolumeClaim: { claimName: 'web-v' } },
    ],
  ]),
  ...sources([
    downward({ path: 'a', fieldRef: fieldRef('metadata.labels') }),
    downward({ path: 'a', fieldRef: fieldRef('metadata.annotations') }),
    downward({ path: 'a', fieldRef: fieldRef("metadata.labels['a']") }),
    downward({ path: 'a', fieldRef: fieldRef('metadata.uid'), mode: 0o600 }),
    downward({ path: 'a', fieldRef: fieldRef('spec.nodeName') }),
    downward({ path: 'a', fieldRef: fieldRef('') }),
    downward({ path: 'a', resourceFieldRef: CPU }),
    downward({ path: 'a', resourceFieldRef: { resource: 'limits.cpu' } }),
    downward({ path: 'a', resourceFieldRef: { ...CPU, resource: 'x' } }),
    downward({ path: 'a', resourceFieldRef: { ...CPU, divisor: '1m' } }),
    downward({ path: 'a', resourceFieldRef: { ...CPU, divisor: '2m' } }),
    downward({ path: 'a' }),
    downward({}),
    downward({ path: 'a', fieldRef: fieldRef('metadata.name'), resourceFieldRef: CPU }),
    downward({ path: '/a', fieldRef: fieldRef('metadata.name') }),
    downward({ path: 'a', fieldRef: fieldRef('metadata.name'), mode: 512 }),
    { downwardAPI: { defaultMode: 512 } },
  ]),
  ...sources([
    projected(),
    projected({}),
    projected({ configMap: { name: 'a' } }, { secret: { name: 'b', optional: true } }),
    projected({ configMap: {} }),
    projected({ secret: { name: 'a', items: [{ key: 'k', path: '../p' }] } }),
    projected({ configMap: { name: 'a' }, secret: { name: 'b' } }),
    projected({ downwardAPI: { items: [{ path: 'a', fieldRef: fieldRef('metadata.name') }] } }),
    projected({ downwardAPI: { items: [{ path: 'a' }] } }),
    projected({ serviceAccountToken: { path: 'token' } }),
    projected({ serviceAccountToken: { path: 'token', audience: 'x', expirationSeconds: 600 } }),
    projected({ serviceAccountToken: { path: 'token', expirationSeconds: 599 } }),
    projected({ serviceAccountToken: { path: 'token', expirationSeconds: 2 ** 32 + 1 } }),
    projected({ serviceAccountToken: {} }),
    projected({ serviceAccountToken: { path: '/token' } }),
    projected(
      { configMap: { name: 'a', items: [{ key: 'a', path: 'p' }] } },
      { secret: { name: 'a', items: [{ key: 'a', path: 'p' }] } },
    ),
    { projected: { defaultMode: 512 } },
    { projected: 'x' },
  ]),
  ...sources([
    { emptyDir: {}, hostPath: { path: '/a' } },
    { secret: { secretName: 'a' }, configMap: {} },
    { configMap: { name: 'a' }, downwardAPI: {} },
    { emptyDir: {}, downwardAPI: {} },
    { nfs: { server: 'a', path: '/b' } },
    { csi: { driver: 'a.example.com' } },
  ]),
];

const M = 'spec.containers[0].volumeMounts';
const MOUNT = { name: 'v', mountPath: '/data' };
const mount = (fields: object): unknown => [{ ...MOUNT, ...fields }];

const MOUNT_CHANGES: Changes = [
  ...each(M, [[MOUNT], [], 'x', [{}], [MOUNT, MOUNT], [MOUNT, { ...MOUNT, mountPath: '/data/' }]]),
  ...each(M, [mount({ name: 'w' }), mount({ name: '' }), mount({ mountPath: '' }), mount({ mountPath: 5 })]),
  ...each(M, [
    mount({ mountPath: 'data' }),
    mount({ mountPath: '/a:b' }),
    mount({ readOnly: true }),
    mount({ readOnly: 'x' }),
  ]),
  ...each(
    M,
    PATHS.flatMap(path => [mount({ subPath: path }), mount({ subPathExpr: path })]),
  ),
  ...each(M, [mount({ subPath: 'a', subPathExpr: 'b' }), mount({ subPathExpr: '$(NAME)' })]),
  ...each(
    M,
    ['None', 'HostToContainer', 'Bidirectional', 'x', '', null].map(mountPropagation => mount({ mountPropagation })),
  ),
  [
    [M, mount({ mountPropagation: 'Bidirectional' })],
    ['spec.containers[0].securityContext', { privileged: true }],
  ],
  ...each(M, [mount({ readOnly: true, recursiveReadOnly: 'Disabled' })]),
  ...each('spec.initContainers', [
    [{ name: 'i', image: 'i', volumeMounts: [MOUNT] }],
    [{ name: 'i', image: 'i', volumeMounts: [{ ...MOUNT, name: 'w' }] }],
  ]),
];

/** Kubernetes 1.34 drops such a source and then finds none. */
const FILE_REF_CHANGES: Changes = each(
  'spec.containers[0].env',
  [
    {},
    { volumeName: 'v', path: 'a', key: 'K', optional: true },
    { volumeName: 'v', path: 'a', key: 'K' },
    { volumeName: 'c', path: 'a', key: 'K' },
    { volumeName: 'w', path: 'a', key: 'K' },
    { volumeName: 'A', path: 'a', key: 'K' },
    { volumeName: 'v', path: '../a', key: 'K' },
    { volumeName: 'v', path: 'a', key: 'a=b' },
  ].map(fileKeyRef => [{ name: 'A', valueFrom: { fileKeyRef } }]),
);

const WITH_VOLUME = {
  ...POD,
  spec: { ...POD.spec, volumes: [{ name: 'v' }, { name: 'c', configMap: { name: 'c' } }] },
};

export const volumeCases = (): readonly Case[] => [
  ...casesOf('Pod', POD, VOLUME_CHANGES),
  ...casesOf('Pod with volumes', WITH_VOLUME, MOUNT_CHANGES),
];
export const fileRefCases = (): readonly Case[] => casesOf('Pod with volumes', WITH_VOLUME, FILE_REF_CHANGES);
