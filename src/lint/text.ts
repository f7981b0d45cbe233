/** Names and lists as findings write them. */
import { nearestName } from '../kube/read/nearest.ts';

/** `A, B and C`; beyond `most` the rest is counted. */
export function listed(names: readonly string[], most = 4): string {
  const unique = [...new Set(names)];
  if (unique.length <= 1) return unique.join('');
  if (unique.length <= most) return `${unique.slice(0, -1).join(', ')} and ${unique.at(-1)}`;
  return `${unique.slice(0, most - 1).join(', ')} and ${unique.length - most + 1} more`;
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** The name that was most likely meant, and never the name itself. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const others = [...new Set(known)].filter(candidate => candidate !== name);
  return others.find(candidate => isSwapped(name, candidate)) ?? nearestName(name, others);
}

/** `wbe` for `web`: two neighbours in the wrong order, the commonest slip and two edits apart. */
function isSwapped(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}

/** ` Did you mean "x"?`, or nothing. */
export function didYouMean(name: string | undefined): string {
  return name === undefined ? '' : ` Did you mean "${name}"?`;
}

/** A JSON pointer (RFC 6901) to a field such as `spec.ports[1].targetPort`. */
export function pointer(field: string): string {
  const steps = [...field.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(match => match[1] ?? match[2] ?? '');
  return steps.map(step => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
