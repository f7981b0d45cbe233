/**
 * Decides which pods may start and stop now, like the workload controllers: a Deployment starts new pods before it stops
 * old ones, a StatefulSet goes one by one.
 *
 * @module
 */
import type { CountOrPercent, Pod, WorkloadRunSpec } from '../kube/index.ts';

/** The state of a running pod that the decision depends on. */
export interface RunState {
  readonly owner: string | undefined;
  /** For a workload with minReadySeconds: ready for so long. */
  readonly ready: boolean;
  readonly terminating: boolean;
  readonly spec: Pod['spec'];
  /** To be replaced by one with the same spec. */
  readonly outdated?: boolean;
}

type Wanted = ReadonlyMap<string, Pod>;
type Runs = ReadonlyMap<string, RunState>;
/** By owner: `Deployment shop/web`. Without one, a Deployment starts all new pods before it stops an old one. */
type Rules = ReadonlyMap<string, WorkloadRunSpec>;

/** Keys of the pods to start. A pod of a StatefulSet waits until its predecessor is ready; a Deployment has few pods too many. */
export function mayStart(wanted: Wanted, runs: Runs, rules: Rules = new Map()): string[] {
  const started = new Map<string, number>();
  return [...wanted].flatMap(([key, pod]) => {
    if (runs.has(key)) return [];
    const owner = ownerOf(pod);
    const rule = owner === undefined ? undefined : rules.get(owner);
    if (!isParallel(rule) && !predecessorReady(pod, wanted, runs)) return [];
    if (owner !== undefined && rule?.kind === 'Deployment') {
      const before = started.get(owner) ?? 0;
      if (before >= roomFor(owner, rule, wanted, runs)) return [];
      started.set(owner, before + 1);
    }
    return [key];
  });
}

/** How many pods a Deployment may start now. */
function roomFor(
  owner: string,
  { strategy }: Extract<WorkloadRunSpec, { kind: 'Deployment' }>,
  wanted: Wanted,
  runs: Runs,
): number {
  const own = [...runs].filter(([, run]) => run.owner === owner);
  const count = wantedOf(owner, wanted);
  const here = own.filter(([, run]) => !run.terminating).length;
  if (strategy.type === 'RollingUpdate') return count + share(strategy.maxSurge, count, Math.ceil) - here;
  return own.some(([key]) => !wanted.has(key)) ? 0 : count - here;
}

function share(amount: CountOrPercent, of: number, round: (value: number) => number): number {
  return 'count' in amount ? amount.count : round((amount.percent * of) / 100);
}

/** Keys of the pods to stop: pods that are removed or replaced, and whose turn it is. */
export function mayStop(wanted: Wanted, runs: Runs, rules: Rules = new Map()): string[] {
  const stop: string[] = [];
  const spare = new Map<string, number>();
  for (const [key, run] of runs) {
    if (run.terminating) continue;
    const pod = wanted.get(key);
    if (pod !== undefined && !isStale(pod, run)) continue;
    const owner = run.owner;
    const rule = owner === undefined ? undefined : rules.get(owner);
    if (owner === undefined || (!owner.startsWith('Deployment ') && !owner.startsWith('StatefulSet '))) stop.push(key);
    else if (owner.startsWith('StatefulSet ')) {
      if (mayStopOfSet(owner, key, { wanted, runs, rule })) stop.push(key);
    } else if (!run.ready) stop.push(key);
    else {
      // Its successor has the same name, so it cannot come first: one at a time.
      const least = run.outdated === true ? wantedOf(owner, wanted) - 1 : leastAvailable(owner, wanted, rule);
      const left = spare.get(owner) ?? readyOf(owner, runs) - least;
      if (left > 0) stop.push(key);
      spare.set(owner, left - 1);
    }
  }
  return stop;
}

function isStale(pod: Pod, run: RunState): boolean {
  return run.outdated === true || JSON.stringify(pod.spec) !== JSON.stringify(run.spec);
}

/** How many pods of a Deployment must stay available. */
function leastAvailable(owner: string, wanted: Wanted, rule: WorkloadRunSpec | undefined): number {
  const count = wantedOf(owner, wanted);
  if (rule?.kind !== 'Deployment') return count;
  const { strategy } = rule;
  if (strategy.type === 'Recreate') return 0;
  const unavailable = share(strategy.maxUnavailable, count, Math.floor);
  const isStuck = unavailable === 0 && share(strategy.maxSurge, count, Math.ceil) === 0;
  return count - (isStuck ? 1 : Math.min(unavailable, count));
}

function isParallel(rule: WorkloadRunSpec | undefined): boolean {
  return rule?.kind === 'StatefulSet' && rule.podManagementPolicy === 'Parallel';
}

interface SetState {
  readonly wanted: Wanted;
  readonly runs: Runs;
  readonly rule: WorkloadRunSpec | undefined;
}

function mayStopOfSet(owner: string, key: string, { wanted, runs, rule }: SetState): boolean {
  if (!wanted.has(key)) return isParallel(rule) || isLastOfSet(owner, key, wanted, runs);
  const update = rule?.kind === 'StatefulSet' ? rule.updateStrategy : undefined;
  if (update?.type === 'OnDelete') return false;
  if (update !== undefined && ordinalOf(key) < update.partition) return false;
  // A pod that is not ready serves no traffic, and would wait forever if the others are not ready either.
  if (runs.get(key)?.ready !== true) return true;
  const most = update === undefined ? 1 : share(update.maxUnavailable, wantedOf(owner, wanted), Math.ceil);
  return !isBusy(owner, key, { wanted, runs, most: Math.max(1, most) });
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

/** An update proceeds from the highest ordinal down and waits while `most` pods of the set are missing or not ready. */
function isBusy(
  owner: string,
  key: string,
  { wanted, runs, most }: { readonly wanted: Wanted; readonly runs: Runs; readonly most: number },
): boolean {
  let unavailable = 0;
  for (const [other, pod] of wanted) if (ownerOf(pod) === owner && !runs.has(other)) unavailable += 1;
  for (const [other, run] of runs) {
    if (run.owner !== owner || other === key) continue;
    const pod = wanted.get(other);
    const stale = pod !== undefined && isStale(pod, run);
    if (run.terminating || !run.ready || (stale && ordinalOf(other) > ordinalOf(key))) unavailable += 1;
  }
  return unavailable >= most;
}

/** A StatefulSet scales down from the highest ordinal, one by one; a deleted one ends all its pods at once. */
function isLastOfSet(owner: string, key: string, wanted: Wanted, runs: Runs): boolean {
  if (wantedOf(owner, wanted) === 0) return true;
  return ![...runs].some(([other, run]) => run.owner === owner && ordinalOf(other) > ordinalOf(key));
}
