import { expect, test } from 'vitest';
import { isFeature, rbacFor } from './rbac.ts';

test('lets the agent list and watch only the kinds that routes depend on', () => {
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

test('combines the rules of several features, in any order', () => {
  const both = rbacFor(['explain', 'node']);
  expect(both).toEqual(rbacFor(['node', 'explain']));
  expect(both.metadata.name).toBe('switchboard-node-explain');
  expect(both.rules).toContainEqual({ apiGroups: [''], resources: ['namespaces', 'pods'], verbs: ['list'] });
  expect(both.rules).toContainEqual({ apiGroups: [''], resources: ['nodes', 'services'], verbs: ['list', 'watch'] });
});

test('knows features by name', () => {
  expect(isFeature('node')).toBe(true);
  expect(isFeature('toString')).toBe(false);
});
