import { expect, test } from 'vitest';
import { objects } from '../../../test/support/objects.ts';
import { hostsFile } from './hosts-file.ts';

test('A18: the hosts file has the pod and its aliases, as the kubelet writes them', () => {
  const [pod] = objects(
    `apiVersion: v1
kind: Pod
metadata: { name: p, namespace: shop }
spec:
  subdomain: db
  hostAliases: [{ ip: 10.1.2.3, hostnames: [one.example, two] }]
  containers: [{ name: main, image: none }]
`,
    { run: true },
  );
  if (pod?.kind !== 'Pod') throw new Error('no pod');
  const lines = hostsFile(pod, '10.244.0.2', 'cluster.local').split('\n');
  expect(lines.slice(-5)).toEqual([
    '10.244.0.2\tp.db.shop.svc.cluster.local\tp',
    '',
    '# Entries added by HostAliases.',
    '10.1.2.3\tone.example\ttwo',
    '',
  ]);
});
