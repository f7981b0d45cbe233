import type { Labels } from './objects.ts';

/**
 * Whether labels satisfy an equality selector. An absent or empty selector selects nothing: for such Services the user
 * maintains the endpoints. Tools that select everything instead have exposed whole namespaces.
 */
export function selects(selector: Labels | undefined, labels: Labels): boolean {
  const pairs = Object.entries(selector ?? {});
  return pairs.length > 0 && pairs.every(([key, value]) => labels[key] === value);
}

/** `app=web,tier=front` */
export function selectorText(selector: Labels): string {
  return Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
