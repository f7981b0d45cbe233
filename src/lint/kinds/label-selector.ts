import type { Labels } from '../../kube/index.ts';
import { type Expression, expressionsMatch, type Field, readExpressions } from '../../kube/read/index.ts';

/** `matchLabels` and `matchExpressions`. Unlike a Service's selector, an empty one selects everything. */
export interface LabelSelector {
  readonly labels: Labels;
  readonly expressions: readonly Expression[];
}

export function readLabelSelector(field: Field): LabelSelector {
  return {
    labels: field.child('matchLabels').stringMap() ?? {},
    expressions: readExpressions(field.child('matchExpressions')),
  };
}

export function matches(selector: LabelSelector, labels: Labels): boolean {
  const pairs = Object.entries(selector.labels);
  return pairs.every(([key, value]) => labels[key] === value) && expressionsMatch(selector.expressions, labels);
}
