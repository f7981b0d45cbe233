import { describe, expect, it } from 'vitest';
import { decidePull, type PullOverride, type PullPolicy } from './pull-policy.ts';

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
