/** Valid and invalid workloads. */
import { type Changes, casesOf, DEPLOYMENT, each, STATEFUL_SET } from './cases.ts';
import type { Case } from './compare.ts';

const WORKLOAD_CHANGES: Changes = [
  ...each('metadata.name', ['a.b', 'A', '']),
  ...each('spec.replicas', [0, 3, -1, null, '3', 1.5]),
  ...each('spec.selector', [
    undefined,
    {},
    { matchLabels: {} },
    { matchLabels: { app: 'x' } },
    { matchLabels: { app: 1 } },
    'x',
  ]),
  ...each('spec.selector', [
    { matchExpressions: [{ key: 'app', operator: 'Exists' }] },
    { matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'x'] }] },
    { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] },
    { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] },
    { matchExpressions: [{ key: 'app', operator: 'In' }] },
    { matchExpressions: [{ key: 'app', operator: 'Exists', values: ['x'] }] },
    { matchExpressions: [{ key: 'app', operator: 'exists' }] },
    { matchExpressions: [{ key: 'a b', operator: 'DoesNotExist' }] },
  ]),
  ...each('spec.template', [undefined, {}, 'x']),
  ...each('spec.template.metadata.labels', [undefined, { app: 'web', x: 'y' }, { app: 'web', x: 'y z' }, { app: 'x' }]),
  ...each('spec.template.metadata.annotations', [{ 'a b': 'x' }, { a: 1 }]),
  ...each('spec.template.spec.restartPolicy', ['Always', 'Never', 'x']),
  ...each('spec.template.spec.hostNetwork', [true]),
  ...each('spec.template.spec.containers', [[], [{ name: 'A', image: 'a' }], [{ name: 'a' }]]),
  ...each('spec.template.spec.containers[0].ports', [[{ containerPort: '80' }], [{ containerPort: 80, name: 'Web' }]]),
];

const STATEFUL_CHANGES: Changes = [
  ...each('spec.serviceName', ['web', '', undefined, 5]),
  ...each('spec.ordinals', [{ start: 3 }, { start: -1 }, { start: '1' }, {}]),
];

export const deploymentCases = (): readonly Case[] => casesOf('Deployment', DEPLOYMENT, WORKLOAD_CHANGES);
export const statefulSetCases = (): readonly Case[] => casesOf('StatefulSet', STATEFUL_SET, STATEFUL_CHANGES);
