/** Cases: an object, and the same object with changes. */
import fc from 'fast-check';
import type { Case } from './compare.ts';
import { type Change, changed, changesText } from './mutate.ts';

export type Changes = readonly (readonly Change[])[];

/** One case for each value. */
export function each(path: string, values: readonly unknown[]): Changes {
  return values.map(value => [[path, value]]);
}

export function casesOf(kind: string, base: unknown, changes: Changes): readonly Case[] {
  return [
    { name: kind, object: base },
    ...changes.map(list => ({ name: `${kind}: ${changesText(list)}`, object: changed(base, list) })),
  ];
}

export const LONG_NAME = 'a'.repeat(64);
/** Valid and invalid names of several grammars. */
export const NAMES = ['a', 'A', 'a.b', 'a_b', '-a', LONG_NAME, 5, null, ''];

export const CONTAINER = { name: 'web', image: 'web:1' };
export const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers: [CONTAINER] } };
export const TEMPLATE = { metadata: { labels: { app: 'web' } }, spec: { containers: [CONTAINER] } };
export const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { selector: { matchLabels: { app: 'web' } }, template: TEMPLATE },
};
export const STATEFUL_SET = { ...DEPLOYMENT, kind: 'StatefulSet' };

/** Random values, the same in each run. */
export function sampled<T>(values: fc.Arbitrary<T>, count: number): readonly T[] {
  return fc.sample(values, { seed: 20_261_201, numRuns: count });
}
