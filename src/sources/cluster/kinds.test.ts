import { expect, test } from 'vitest';
import type { RunObject } from '../../kube/index.ts';
import { collectionOf } from './kinds.ts';
import { KINDS_OF_FEATURE } from './rbac.ts';

const RUN_KINDS: readonly RunObject['kind'][] = ['Secret', 'ServiceAccount', 'PersistentVolumeClaim', 'Job', 'CronJob'];

test.each(RUN_KINDS)('never requests a %s from a cluster', kind => {
  expect(() => collectionOf(kind, { proxied: true })).toThrow(`objects of kind ${kind} are not read from clusters`);
  const requested: readonly string[] = Object.values(KINDS_OF_FEATURE).flat();
  expect(requested).not.toContain(kind);
});
