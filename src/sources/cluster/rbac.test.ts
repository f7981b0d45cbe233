import { expect, test } from 'vitest';
import { isFeature, rbacFor } from './rbac.ts';

test('the agent lists and watches what routes are made of, and nothing else', () => {
  expect(rbacFor(['node'])).toEqual({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'switchboard-node' },
    rules: [
      { apiGroups: [''], resources: ['nodes', 'services'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      { apiGroups: ['networking.k8s.io'], resources: ['servicecidrs'], verbs: ['list', 'watch'] },
    ],
  });
});

test('features together need the sum of what each needs, in whatever order', () => {
  const both = rbacFor(['explain', 'node']);
  expect(both).toEqual(rbacFor(['node', 'explain']));
  expect(both.metadata.name).toBe('switchboard-node-explain');
  expect(both.rules).toContainEqual({ apiGroups: [''], resources: ['namespaces', 'pods'], verbs: ['list'] });
  expect(both.rules).toContainEqual({ apiGroups: [''], resources: ['nodes', 'services'], verbs: ['list', 'watch'] });
});

test('features are known by name', () => {
  expect(isFeature('node')).toBe(true);
  expect(isFeature('toString')).toBe(false);
});
