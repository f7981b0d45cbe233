/** Valid and invalid settings of how workloads replace their pods, and claims. */
import { type Changes, casesOf, DEPLOYMENT, each, STATEFUL_SET, TEMPLATE } from './cases.ts';
import type { Case } from './compare.ts';

const COUNTS = [0, 1, -1, '1', null, 1.5];
const SHARES = [0, 1, -1, '0%', '25%', '100%', '101%', '1000%', '25', '', '-1%', '%', 'x', '1.5%', null, 1.5];
const rolling = (fields: object): unknown => ({ type: 'RollingUpdate', rollingUpdate: fields });

const DEPLOYMENT_CHANGES: Changes = [
  ...each('spec.minReadySeconds', COUNTS),
  ...each('spec.progressDeadlineSeconds', [...COUNTS, 600]),
  ...each('spec.paused', [true, null, 'x']),
  ...each('spec.revisionHistoryLimit', [0, 5]),
  ...[9, 10, 11].map(
    seconds =>
      [
        ['spec.minReadySeconds', 10],
        ['spec.progressDeadlineSeconds', seconds],
      ] as const,
  ),
  ...each('spec.strategy', [
    {},
    null,
    'x',
    { type: 'Recreate' },
    { type: 'Recreate', rollingUpdate: {} },
    { type: 'RollingUpdate' },
    { type: 'x' },
    { type: 5 },
    { rollingUpdate: { maxSurge: 1 } },
    { rollingUpdate: 'x' },
    rolling({ maxSurge: 0, maxUnavailable: 0 }),
    rolling({ maxSurge: '0%', maxUnavailable: 0 }),
    rolling({ maxSurge: 0 }),
    rolling({ maxSurge: '1%', maxUnavailable: 0 }),
  ]),
  ...each(
    'spec.strategy',
    SHARES.flatMap(share => [rolling({ maxSurge: share }), rolling({ maxUnavailable: share })]),
  ),
  ...each('spec.template.spec.activeDeadlineSeconds', [5]),
];

const CLAIM = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};
const claim = (fields: object): unknown => [{ ...CLAIM, spec: { ...CLAIM.spec, ...fields } }];

const STATEFUL_CHANGES: Changes = [
  ...each('spec.minReadySeconds', COUNTS),
  ...each('spec.podManagementPolicy', ['OrderedReady', 'Parallel', 'x', '', null]),
  ...each('spec.updateStrategy', [
    {},
    null,
    'x',
    { type: 'OnDelete' },
    { type: 'OnDelete', rollingUpdate: {} },
    { type: 'x' },
    { type: 'RollingUpdate' },
    rolling({}),
    rolling({ partition: 2 }),
    rolling({ partition: -1 }),
    rolling({ partition: '1' }),
  ]),
  ...each('spec.persistentVolumeClaimRetentionPolicy', [
    {},
    { whenDeleted: 'Delete' },
    { whenScaled: 'Delete', whenDeleted: 'Retain' },
    { whenScaled: 'x' },
    'x',
  ]),
  ...each('spec.volumeClaimTemplates', [
    [],
    'x',
    [CLAIM],
    claim({ accessModes: [] }),
    claim({ resources: {} }),
    claim({ volumeMode: 'Block' }),
  ]),
  [
    ['spec.volumeClaimTemplates', [CLAIM]],
    ['spec.template.spec.containers[0].volumeMounts', [{ name: 'data', mountPath: '/data' }]],
  ],
  ...each('spec.template.spec.containers[0].volumeMounts', [[{ name: 'data', mountPath: '/data' }]]),
  ...each('spec.template.spec.activeDeadlineSeconds', [5]),
];

const DAEMON_SET = { ...DEPLOYMENT, kind: 'DaemonSet' };
const DAEMON_CHANGES: Changes = [
  ...each('spec.minReadySeconds', COUNTS),
  ...each('spec.template.spec.activeDeadlineSeconds', [5]),
  ...each('spec.template.spec.restartPolicy', ['Never']),
];

const CONTROLLER = {
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: { name: 'web' },
  spec: { template: TEMPLATE },
};
const CONTROLLER_CHANGES: Changes = [
  ...each('metadata.name', ['a.b', 'A', '']),
  ...each('metadata.labels', [{ a: 'b' }]),
  ...each('spec.replicas', [0, 3, -1, null, '3']),
  ...each('spec.minReadySeconds', COUNTS),
  ...each('spec.selector', [{ app: 'web' }, { app: 'x' }, {}, null, 'x', { app: 5 }]),
  ...each('spec.template.metadata.labels', [{}, undefined, { a: 'b', app: 'x' }, { a: 'b c' }]),
  ...each('spec.template.spec.restartPolicy', ['Always', 'Never']),
  ...each('spec.template.spec.containers', [[]]),
  ...each('spec.template.spec.activeDeadlineSeconds', [5]),
];

const PERSISTENT_CLAIM = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...CLAIM };
const sized = (storage: unknown): unknown => ({ requests: { storage } });
const CLAIM_CHANGES: Changes = [
  ...each('metadata.name', ['a.b', 'A', '']),
  ...each('spec', [undefined, {}, 'x']),
  ...each('spec.accessModes', [
    undefined,
    [],
    ['x'],
    'x',
    ['ReadWriteMany', 'ReadOnlyMany'],
    ['ReadWriteOncePod'],
    ['ReadWriteOncePod', 'ReadWriteOnce'],
    [5],
  ]),
  ...each('spec.volumeMode', ['Filesystem', 'Block', 'x', '', null]),
  ...each('spec.storageClassName', ['fast', '', 'A b', null, 5]),
  ...each('spec.resources', ['1Gi', '0', '-1', 'x', 5, '1m', '0.5', null, '1Ei'].map(sized)),
  ...each('spec.resources', [undefined, {}, { requests: {} }, { requests: 'x' }, { limits: { storage: '1Gi' } }]),
];

export const deploymentRollOutCases = (): readonly Case[] => casesOf('Deployment', DEPLOYMENT, DEPLOYMENT_CHANGES);
export const statefulRollOutCases = (): readonly Case[] => casesOf('StatefulSet', STATEFUL_SET, STATEFUL_CHANGES);
/** Kubernetes 1.34 drops the field. */
export const maxUnavailableCases = (): readonly Case[] =>
  casesOf(
    'StatefulSet',
    STATEFUL_SET,
    each(
      'spec.updateStrategy',
      SHARES.map(maxUnavailable => rolling({ maxUnavailable })),
    ),
  );
export const daemonSetCases = (): readonly Case[] => casesOf('DaemonSet', DAEMON_SET, DAEMON_CHANGES);
export const controllerCases = (): readonly Case[] => casesOf('ReplicationController', CONTROLLER, CONTROLLER_CHANGES);
export const claimCases = (): readonly Case[] => casesOf('PersistentVolumeClaim', PERSISTENT_CLAIM, CLAIM_CHANGES);
