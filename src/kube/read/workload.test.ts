import { describe, expect, test } from 'vitest';
import { type ReadOutcome, readObject } from './index.ts';

type Values = Record<string, unknown>;

const OPTIONS = { primaryFamily: 'IPv4', defaultNamespace: 'default' } as const;
const TEMPLATE = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web' }] } };
const SELECTOR = { matchLabels: { app: 'web' } };

function read(kind: string, spec: Values): ReadOutcome {
  const full = { selector: SELECTOR, template: TEMPLATE, ...spec };
  return readObject({ apiVersion: 'apps/v1', kind, metadata: { name: 'web' }, spec: full }, OPTIONS);
}

test.each<[string, Values, Values]>([
  ['Deployment', {}, { replicas: 1, firstOrdinal: 0 }],
  ['ReplicaSet', { replicas: 0 }, { replicas: 0 }],
  ['DaemonSet', {}, { replicas: 1 }],
  [
    'StatefulSet',
    { replicas: 3, serviceName: 'db', ordinals: { start: 2 } },
    { replicas: 3, serviceName: 'db', firstOrdinal: 2 },
  ],
])('a %s', (kind, spec, expected) => {
  expect(read(kind, spec)).toMatchObject({
    status: 'read',
    notes: [],
    object: { kind, selector: { app: 'web' }, template: { labels: { app: 'web' } }, ...expected },
  });
});

describe('rejects', () => {
  test.each<[string, Values, string]>([
    ['no selector', { selector: undefined }, 'spec.selector'],
    ['an empty selector', { selector: {} }, 'spec.selector'],
    ['a selector of other labels', { selector: { matchLabels: { app: 'shop' } } }, 'spec.template.metadata.labels'],
    [
      'an expression that does not match',
      { selector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] } },
      'spec.template.metadata.labels',
    ],
    ['fewer than no replicas', { replicas: -1 }, 'spec.replicas'],
    [
      'pods that end',
      { template: { ...TEMPLATE, spec: { ...TEMPLATE.spec, restartPolicy: 'Never' } } },
      'spec.template.spec.restartPolicy',
    ],
    ['no template', { template: undefined }, 'spec.template.spec.containers'],
  ])('%s', (_what, spec, field) => {
    const outcome = read('Deployment', spec);
    expect(outcome.status === 'rejected' ? outcome.faults.map(fault => fault.field) : []).toContain(field);
  });
});
