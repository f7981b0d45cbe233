import { expect, test } from 'vitest';
import { parseManifest } from '../kube/manifest/index.ts';
import { sharedObjects } from './shared-objects.ts';
import { parseState } from './state.ts';

const MARKER = 'aHVudGVyMg==';
const MANIFEST = `
apiVersion: v1
kind: Secret
metadata: {name: db}
data: {password: ${MARKER}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: shop}
data: {A: a}
binaryData: {B: ${MARKER}}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  volumes: [{name: db, secret: {secretName: db}}]
  containers:
  - name: web
    image: web
    ports: [{containerPort: 80, hostPort: 80, hostIP: 127.0.0.1}]
    env:
    - {name: A, valueFrom: {secretKeyRef: {name: db, key: password}}}
    - {name: B, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
    - {name: C, valueFrom: {fileKeyRef: {volumeName: env, path: a, key: C}}}
    resources: {limits: {cpu: 1}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: seed}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: web, image: web}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`.replace('volumes: [', 'volumes: [{name: env}, ');

test('other processes get what routing reads, and no Secret', () => {
  const options = { primaryFamily: 'IPv4', defaultNamespace: 'default', run: true } as const;
  const { objects, faults } = parseManifest(MANIFEST, options);
  expect(faults).toEqual([]);
  const shared = sharedObjects(objects.map(({ object }) => object));
  expect(shared.map(({ kind }) => kind)).toEqual(['ConfigMap', 'Pod', 'Deployment', 'Service']);
  const json = JSON.stringify({ version: '1', pid: 1, name: 'shop', inputs: [], listeners: [], objects: shared });
  for (const hidden of ['"run"', MARKER, '[secret]']) expect(json).not.toContain(hidden);
  // The reader of the other process accepts it.
  expect(parseState(json, '1')).toMatchObject({ kind: 'state', state: { objects: shared } });
});
