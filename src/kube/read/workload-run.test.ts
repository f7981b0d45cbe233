import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../objects.ts';
import { readObject } from './index.ts';

type Values = Record<string, unknown>;

const OPTIONS = { primaryFamily: 'IPv4', defaultNamespace: 'shop', run: true } as const;
const POD = { containers: [{ name: 'web', image: 'web' }] };
const TEMPLATE = { metadata: { labels: { app: 'web' } }, spec: POD };

function read(apiVersion: string, kind: string, spec: Values): KubeObject {
  const outcome = readObject({ apiVersion, kind, metadata: { name: 'web' }, spec }, OPTIONS);
  if (outcome.status === 'read') return outcome.object;
  throw new Error(JSON.stringify(outcome));
}

function workload(kind: string, spec: Values): KubeObject {
  return read('apps/v1', kind, { selector: { matchLabels: { app: 'web' } }, template: TEMPLATE, ...spec });
}

test('defaults of a Deployment', () => {
  expect(workload('Deployment', {})).toMatchObject({
    run: {
      kind: 'Deployment',
      minReadySeconds: 0,
      strategy: { type: 'RollingUpdate', maxSurge: { percent: 25 }, maxUnavailable: { percent: 25 } },
      progressDeadlineSeconds: 600,
      paused: false,
    },
  });
});

test('a roll-out with a count and a percentage', () => {
  const strategy = { rollingUpdate: { maxSurge: 2, maxUnavailable: '10%' } };
  expect(workload('Deployment', { strategy })).toMatchObject({
    run: { strategy: { maxSurge: { count: 2 }, maxUnavailable: { percent: 10 } } },
  });
});

test('a StatefulSet with claims, which its pods may mount', () => {
  const claim = {
    metadata: { name: 'data', labels: { a: 'b' } },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1024Mi' } } },
  };
  const container = { ...POD.containers[0], volumeMounts: [{ name: 'data', mountPath: '/data' }] };
  const template = { ...TEMPLATE, spec: { containers: [container] } };
  expect(workload('StatefulSet', { volumeClaimTemplates: [claim], template })).toMatchObject({
    run: {
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', partition: 0, maxUnavailable: { count: 1 } },
      volumeClaimTemplates: [
        {
          meta: { name: 'data', namespace: 'shop', labels: { a: 'b' } },
          spec: { accessModes: ['ReadWriteOnce'], volumeMode: 'Filesystem', storage: '1Gi' },
        },
      ],
      claimRetention: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    },
  });
});

test('a ReplicationController selects by the labels of its template', () => {
  expect(read('v1', 'ReplicationController', { template: TEMPLATE })).toMatchObject({
    kind: 'ReplicationController',
    replicas: 1,
    selector: { app: 'web' },
    run: { minReadySeconds: 0 },
  });
});

describe('Jobs', () => {
  const template = { spec: { ...POD, restartPolicy: 'Never' } };

  test('defaults', () => {
    expect(read('batch/v1', 'Job', { template })).toMatchObject({
      spec: {
        completions: 1,
        parallelism: 1,
        backoffLimit: 6,
        completionMode: 'NonIndexed',
        suspend: false,
        template: { spec: { restartPolicy: 'Never', run: { dnsPolicy: 'ClusterFirst' } } },
        unsupported: [],
      },
    });
  });

  test('a Job with only parallelism has no number of completions', () => {
    expect(read('batch/v1', 'Job', { template, parallelism: 3 })).not.toHaveProperty('spec.completions');
  });

  test('what is not supported is listed', () => {
    const spec = {
      template,
      completionMode: 'Indexed',
      completions: 2,
      backoffLimitPerIndex: 1,
      podFailurePolicy: { rules: [] },
    };
    expect(read('batch/v1', 'Job', spec)).toMatchObject({
      spec: { unsupported: ['backoffLimitPerIndex', 'podFailurePolicy'] },
    });
  });

  test('a CronJob', () => {
    const spec = { schedule: '@hourly', timeZone: 'Europe/Berlin', jobTemplate: { spec: { template } } };
    expect(read('batch/v1', 'CronJob', spec)).toMatchObject({
      schedule: '@hourly',
      timeZone: 'Europe/Berlin',
      concurrencyPolicy: 'Allow',
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      jobTemplate: { spec: { backoffLimit: 6 } },
    });
  });
});

test('binary data of a ConfigMap', () => {
  const value = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, binaryData: { logo: 'YW\nI=' } };
  expect(readObject(value, OPTIONS)).toMatchObject({
    object: { data: {}, run: { binaryData: { logo: 'YWI=' }, immutable: false } },
  });
});
