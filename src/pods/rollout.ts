/**
 * Decides which pods may start and stop now, like the workload controllers: a Deployment starts new pods before it stops
 * old ones, a StatefulSet goes one by one.
 *
 * @module
 */
import type { Pod } from '../kube/index.ts';

/** The state of a running pod that the decision depends on. */
export interface RunState {
  readonly owner: string | undefined;
  readonly ready: boolean;
  readonly terminating: boolean;
  readonly spec: Pod['spec'];
}

type Wanted = ReadonlyMap<string, Pod>;
type Runs = ReadonlyMap<string, RunState>;

/** Keys of the pods to start. A pod of a StatefulSet waits until its predecessor is ready. */
export function mayStart(wanted: Wanted, runs: Runs): string[] {
  return [...wanted].filter(([key, pod]) => !runs.has(key) && predecessorReady(pod, wanted, runs)).map(([key]) => key);
}

/** Keys of the pods to stop: pods that are removed or replaced, and whose turn it is. */
export function mayStop(wanted: Wanted, runs: Runs): string[] {
  const stop: string[] = [];
  const spare = new Map<string, number>();
  for (const [key, run] of runs) {
    if (run.terminating) continue;
    const pod = wanted.get(key);
    if (pod !== undefined && JSON.stringify(pod.spec) === JSON.stringify(run.spec)) continue;
    const owner = run.owner;
    if (owner === undefined || (!owner.startsWith('Deployment ') && !owner.startsWith('StatefulSet '))) stop.push(key);
    else if (owner.startsWith('StatefulSet ')) {
      // A pod that is not ready serves no traffic, and would wait forever if the others are not ready either.
      if (pod === undefined ? isLastOfSet(owner, key, wanted, runs) : !run.ready || !isBusy(owner, key, wanted, runs)) {
        stop.push(key);
      }
    } else if (!run.ready) stop.push(key);
    else {
      const left = spare.get(owner) ?? readyOf(owner, runs) - wantedOf(owner, wanted);
      if (left > 0) stop.push(key);
      spare.set(owner, left - 1);
    }
  }
  return stop;
}

function readyOf(owner: string, runs: Runs): number {
  return [...runs.values()].filter(run => run.owner === owner && run.ready && !run.terminating).length;
}

function wantedOf(owner: string, wanted: Wanted): number {
  return [...wanted.values()].filter(pod => ownerOf(pod) === owner).length;
}

function ownerOf(pod: Pod): string | undefined {
  const owner = pod.meta.owners.find(candidate => candidate.controller);
  return owner && `${owner.kind} ${pod.meta.namespace}/${owner.name}`;
}

function ordinalOf(name: string): number {
  return Number(/-(\d+)$/.exec(name)?.[1] ?? 0);
}

function predecessorReady(pod: Pod, wanted: Wanted, runs: Runs): boolean {
  const owner = ownerOf(pod);
  if (!owner?.startsWith('StatefulSet ')) return true;
  const ordinal = ordinalOf(pod.meta.name);
  for (const [key, other] of wanted) {
    if (ownerOf(other) !== owner || ordinalOf(other.meta.name) !== ordinal - 1) continue;
    const run = runs.get(key);
    return run?.ready === true && !run.terminating;
  }
  return true;
}

/** An update proceeds from the highest ordinal down and waits while another pod of the set is missing or not ready. */
function isBusy(owner: string, key: string, wanted: Wanted, runs: Runs): boolean {
  for (const [other, pod] of wanted) if (ownerOf(pod) === owner && !runs.has(other)) return true;
  for (const [other, run] of runs) {
    if (run.owner !== owner || other === key) continue;
    if (run.terminating || !run.ready) return true;
    const pod = wanted.get(other);
    const stale = pod !== undefined && JSON.stringify(pod.spec) !== JSON.stringify(run.spec);
    if (stale && ordinalOf(other) > ordinalOf(key)) return true;
  }
  return false;
}

/** A StatefulSet scales down from the highest ordinal, one by one; a deleted one ends all its pods at once. */
function isLastOfSet(owner: string, key: string, wanted: Wanted, runs: Runs): boolean {
  if (wantedOf(owner, wanted) === 0) return true;
  return ![...runs].some(([other, run]) => run.owner === owner && ordinalOf(other) > ordinalOf(key));
}
