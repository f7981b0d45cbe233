export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';

/** `--pull`: the manifest's policy, or one for all. */
export type PullOverride = 'policy' | 'missing' | 'never';

export interface PullQuestion {
  readonly policy: PullPolicy;
  readonly override: PullOverride;
  readonly present: boolean;
  /** @see isBuiltHere */
  readonly builtHere: boolean;
}

export type PullDecision =
  | { readonly kind: 'use'; readonly because: 'present' | 'built-here' }
  | { readonly kind: 'pull' }
  | { readonly kind: 'never' };

/**
 * Whether to pull. As the kubelet, with one difference: an image that was built here is used under Always too, since a pull
 * would fail or replace it by another one.
 */
export function decidePull({ policy, override, present, builtHere }: PullQuestion): PullDecision {
  const effective = override === 'never' ? 'Never' : override === 'missing' ? 'IfNotPresent' : policy;
  switch (effective) {
    case 'Never':
      return present ? { kind: 'use', because: 'present' } : { kind: 'never' };
    case 'IfNotPresent':
      return present ? { kind: 'use', because: 'present' } : { kind: 'pull' };
    case 'Always':
      return present && builtHere ? { kind: 'use', because: 'built-here' } : { kind: 'pull' };
  }
}

/** The kubelet's message for a policy of Never. */
export function neverMessage(image: string): string {
  return `Container image "${image}" is not present with pull policy of Never`;
}
