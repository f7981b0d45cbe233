import { expect, test } from 'vitest';
import { objects } from '../../test/support/objects.ts';
import type { Pod } from '../kube/index.ts';
import { FindingLog, podFindings, workloadFindings } from './findings.ts';

function pod(name: string, container: string, spec = ''): Pod {
  const [read] = objects(
    `apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
  ${spec}
  containers: [{ name: main, image: none, ${container} }]
`,
    { run: true },
  );
  if (read?.kind !== 'Pod') throw new Error('no pod');
  return read;
}

test.each([
  ['a plain pod', '', '', []],
  ['A33: another user', 'securityContext: { runAsUser: 999 }', '', ['containers.securityContext.runAsUser']],
  [
    'A34: limits',
    'resources: { limits: { cpu: 1, memory: 1Gi } }',
    '',
    ['containers.resources.limits.cpu', 'containers.resources.limits.memory'],
  ],
  ['A33: what is not read', '', 'hostUsers: false', ['hostUsers']],
  ['A20: DNS', '', 'dnsPolicy: Default', ['dnsPolicy']],
  [
    'B6: a token',
    '',
    'volumes: [{ name: v, projected: { sources: [{ serviceAccountToken: { path: t } }] } }]',
    ['volumes.projected.serviceAccountToken'],
  ],
])('names the fields of %s', (_what, container, spec, fields) => {
  expect(podFindings(pod('p', container, spec), 'process').map(({ field }) => field)).toEqual(fields);
});

test('F4: names each field once, with the pods that have it', () => {
  const log = new FindingLog();
  const user = 'securityContext: { runAsUser: 999 }';
  const pods = ['a', 'b', 'c', 'd'].map(name => pod(name, user));
  expect(log.linesFor(pods)).toEqual([
    'containers.securityContext.runAsUser has no effect: pods that run as processes run as you (Pod default/a, Pod default/b, Pod default/c and 1 more)',
  ]);
  expect(log.linesFor([pod('e', user)])).toEqual([]);
});

test.each([
  ['Deployment', 'paused: true', ['paused']],
  ['Deployment', 'progressDeadlineSeconds: 60', ['progressDeadlineSeconds']],
  ['Deployment', 'minReadySeconds: 3', []],
  [
    'StatefulSet',
    'persistentVolumeClaimRetentionPolicy: { whenDeleted: Delete }',
    ['persistentVolumeClaimRetentionPolicy'],
  ],
])('F4: names the fields of a %s with %s', (kind, spec, fields) => {
  const read = objects(
    `apiVersion: apps/v1
kind: ${kind}
metadata: { name: w }
spec:
  ${spec}
  selector: { matchLabels: { app: w } }
  template: { metadata: { labels: { app: w } }, spec: { containers: [{ name: main, image: none }] } }
`,
    { run: true },
  );
  expect(read.flatMap(workloadFindings).map(({ field }) => field)).toEqual(fields);
});

test('F4: names the fields of a Job', () => {
  const read = objects(
    `apiVersion: batch/v1
kind: Job
metadata: { name: j }
spec:
  podFailurePolicy: { rules: [] }
  template: { spec: { restartPolicy: Never, containers: [{ name: main, image: none }] } }
`,
    { run: true },
  );
  expect(new FindingLog().linesFor(read)).toEqual([
    'podFailurePolicy has no effect: it is not supported (Job default/j)',
  ]);
});
