import type { Fault } from '../../kube/index.ts';
import { at } from './api-error.ts';

type Step = string | number;

const SOURCE_RANGES = 'loadBalancerSourceRanges';
const SOURCE_RANGES_ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges';
/** The fields that identify an object, which therefore cannot be removed. */
const IDENTITY = ['apiVersion', 'kind', 'metadata', 'metadata.name', 'metadata.namespace'];

/**
 * Returns a copy without the parts that the faults are about. Removes a list item as a whole, since a port without its
 * number is not a port; any other field by itself, which then has its default.
 *
 * @returns undefined if nothing can be removed
 */
export function prune(value: unknown, faults: readonly Fault[]): unknown {
  const copy: unknown = structuredClone(value);
  const targets = new Map<string, Step[]>();
  for (const { field } of faults) {
    const steps = partOf(stepsOf(field));
    if (steps.length === 0 || IDENTITY.includes(steps.join('.'))) return undefined;
    targets.set(JSON.stringify(steps), steps);
  }
  // Last index first, so that removing an item does not shift the others.
  const ordered = [...targets.values()].sort(lastFirst);
  const removed = ordered.filter(steps => remove(copy, steps));
  if (removed.length === 0) return undefined;
  if (removed.some(isSourceRange)) closeLoadBalancer(copy);
  return copy;
}

/** `spec.ports[1].targetPort` -> `spec`, `ports`, 1, `targetPort`; brackets may also contain a key. */
export function stepsOf(field: string): Step[] {
  const steps: Step[] = [];
  for (const [, name, bracketed] of field.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)) {
    if (name !== undefined) steps.push(name);
    else if (bracketed !== undefined) steps.push(/^\d+$/.test(bracketed) ? Number(bracketed) : bracketed);
  }
  return steps;
}

/** Returns the steps up to the innermost list item. */
function partOf(steps: readonly Step[]): Step[] {
  const item = steps.findLastIndex(step => typeof step === 'number');
  return item === -1 ? [...steps] : steps.slice(0, item + 1);
}

function lastFirst(a: readonly Step[], b: readonly Step[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const [left, right] = [a[index], b[index]];
    if (left === right) continue;
    if (typeof left === 'number' && typeof right === 'number') return right - left;
    return String(left) < String(right) ? -1 : 1;
  }
  return b.length - a.length;
}

function remove(root: unknown, steps: readonly Step[]): boolean {
  let parent = root;
  for (const step of steps.slice(0, -1)) {
    parent = Array.isArray(parent) && typeof step === 'number' ? parent[step] : at(parent, String(step));
  }
  const last = steps.at(-1);
  if (Array.isArray(parent)) return typeof last === 'number' && parent.splice(last, 1).length > 0;
  if (typeof parent !== 'object' || parent === null || last === undefined || !Object.hasOwn(parent, last)) {
    return removeSingular(root, steps);
  }
  return Reflect.deleteProperty(parent, last);
}

/** Where only `spec.clusterIP` is set, its faults name the field `spec.clusterIPs[0]`. */
function removeSingular(root: unknown, steps: readonly Step[]): boolean {
  const list = steps.find(step => typeof step === 'string' && step.endsWith('s'));
  const spec = at(root, 'spec');
  if (typeof list !== 'string' || typeof spec !== 'object' || spec === null) return false;
  const single = list.slice(0, -1);
  return Object.hasOwn(spec, single) && Reflect.deleteProperty(spec, single);
}

function isSourceRange(steps: readonly Step[]): boolean {
  return steps.includes(SOURCE_RANGES) || steps.includes(SOURCE_RANGES_ANNOTATION);
}

/** If no source range is left, removes the load balancer addresses: a restriction must not turn into open access. */
function closeLoadBalancer(root: unknown): void {
  const ranges = at(at(root, 'spec'), SOURCE_RANGES);
  if (Array.isArray(ranges) && ranges.length > 0) return;
  const status = at(root, 'status');
  if (typeof status === 'object' && status !== null) Reflect.deleteProperty(status, 'loadBalancer');
}
