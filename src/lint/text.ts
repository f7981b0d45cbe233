/** How findings write names and lists. */
import { nearestName } from '../kube/read/index.ts';

/** `A, B and C`; with more than `max` names `A, B, C and 2 more`. */
export function listed(names: readonly string[], max = 4): string {
  const unique = [...new Set(names)];
  if (unique.length <= 1) return unique.join('');
  if (unique.length <= max) return `${unique.slice(0, -1).join(', ')} and ${unique.at(-1)}`;
  return `${unique.slice(0, max - 1).join(', ')} and ${unique.length - max + 1} more`;
}

export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number} ${number === 1 ? singular : plural}`;
}

/** Returns the name that was most likely meant, never the name itself. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const others = [...new Set(candidates)].filter(candidate => candidate !== name);
  return others.find(candidate => isSwapped(name, candidate)) ?? nearestName(name, others);
}

/** `wbe` for `web`: two letters in the wrong order, the most common typo, is an edit distance of two. */
function isSwapped(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}

/** ` Did you mean "x"?`, or `''`. */
export function didYouMean(name: string | undefined): string {
  return name === undefined ? '' : ` Did you mean "${name}"?`;
}

/** A JSON pointer (RFC 6901) to a field such as `spec.ports[1].targetPort`. */
export function pointer(field: string): string {
  const steps = [...field.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(match => match[1] ?? match[2] ?? '');
  return steps.map(step => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
