/** The status of a pod in the words of kubectl. Pure. */
import type { Pod, PodCondition, PodPhase } from '../kube/index.ts';

export interface ContainerState {
  readonly name: string;
  readonly phase: 'configuring' | 'starting' | 'running' | 'waiting' | 'ended';
  readonly ready: boolean;
  readonly why: string;
  readonly exitCode: number | undefined;
}

export interface PodState {
  readonly pod: Pod;
  /** Why no container can start. */
  readonly broken: string | undefined;
  /** The init container that runs, and how many have ended before it. */
  readonly init: { readonly state: ContainerState; readonly done: number } | undefined;
  readonly sidecars: readonly ContainerState[];
  /** Empty until the init containers have ended. */
  readonly containers: readonly ContainerState[];
}

export function phaseOf({ pod, init, containers, sidecars }: PodState): PodPhase {
  const { restartPolicy } = pod.spec;
  const failed = (state: ContainerState): boolean => state.phase === 'ended' && state.exitCode !== 0;
  if (init !== undefined && failed(init.state) && restartPolicy === 'Never') return 'Failed';
  if (containers.length === 0) return 'Pending';
  if (containers.every(({ phase }) => phase === 'configuring')) return 'Pending';
  if (restartPolicy === 'Always' || !containers.every(({ phase }) => phase === 'ended')) return 'Running';
  // Sidecars end after the others.
  if (!sidecars.every(({ phase }) => phase === 'ended')) return 'Running';
  return containers.some(failed) ? 'Failed' : 'Succeeded';
}

/** Why a pod is not ready; undefined: it is. */
export function whyNotReady({ pod, broken, init, sidecars, containers }: PodState): string | undefined {
  if (broken !== undefined) return broken;
  if (containers.length === 0) {
    if (init === undefined) return 'ContainerCreating';
    const total = pod.spec.initContainers.length;
    return `Init:${init.done}/${total}: init container ${init.state.name}: ${init.state.why}`;
  }
  const unready = [...containers, ...sidecars].find(container => !container.ready);
  if (unready !== undefined) {
    return containers.length + sidecars.length === 1 ? unready.why : `container ${unready.name}: ${unready.why}`;
  }
  // The kubelet includes readiness gates in Ready; their controllers write conditions into the pod's status.
  const { conditions } = pod.status;
  const gate = pod.spec.readinessGates.find(
    type => !conditions.some(condition => condition.type === type && condition.status === 'True'),
  );
  return gate === undefined ? undefined : `the readiness gate "${gate}" is not True in status.conditions`;
}

export function readyCondition(why: string | undefined): PodCondition {
  return why === undefined
    ? { type: 'Ready', status: 'True' }
    : { type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: why };
}
