import { describe, expect, it } from 'vitest';
import { decidePull, defaultPullPolicy, type PullOverride, type PullPolicy } from './pull-policy.ts';
import { parseReference } from './reference.ts';

describe('the default pull policy', () => {
  it.each([
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1', 'IfNotPresent'],
    [`nginx@sha256:${'a'.repeat(64)}`, 'IfNotPresent'],
    [`nginx:latest@sha256:${'a'.repeat(64)}`, 'IfNotPresent'],
  ])('of %s is %s', (image, expected) => {
    const reference = parseReference(image);
    expect(reference && defaultPullPolicy(reference)).toBe(expected);
  });
});

describe('a pull policy', () => {
  type Row = [PullPolicy, PullOverride, 'absent' | 'present' | 'built here', string];
  it.each<Row>([
    ['Always', 'policy', 'absent', 'pull'],
    ['Always', 'policy', 'present', 'pull'],
    ['Always', 'policy', 'built here', 'use built-here'],
    ['IfNotPresent', 'policy', 'absent', 'pull'],
    ['IfNotPresent', 'policy', 'present', 'use present'],
    ['IfNotPresent', 'policy', 'built here', 'use present'],
    ['Never', 'policy', 'absent', 'never'],
    ['Never', 'policy', 'present', 'use present'],
    ['Never', 'policy', 'built here', 'use present'],
    ['Always', 'missing', 'absent', 'pull'],
    ['Always', 'missing', 'present', 'use present'],
    ['Never', 'missing', 'absent', 'pull'],
    ['Always', 'never', 'absent', 'never'],
    ['Always', 'never', 'present', 'use present'],
    ['IfNotPresent', 'never', 'absent', 'never'],
  ])('of %s with --pull %s and an image that is %s: %s', (policy, override, state, expected) => {
    const decision = decidePull({ policy, override, present: state !== 'absent', builtHere: state === 'built here' });
    expect(decision.kind === 'use' ? `use ${decision.because}` : decision.kind).toBe(expected);
  });
});
