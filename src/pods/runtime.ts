import type { Pod } from '../kube/index.ts';

/** - process: the containers' commands as processes of this machine; - engine: their images, by a container engine. */
export type Runtime = 'process' | 'engine';

/** What `--run` says: `auto` takes images where there is an engine, and commands otherwise. */
export type RunMode = 'auto' | Runtime;

export interface RuntimeChoice {
  readonly mode: RunMode;
  /** Whether there is a container engine. */
  readonly engine: boolean;
}

/** Without a container engine. */
export const PROCESSES: RuntimeChoice = { mode: 'process', engine: false };

/**
 * How a pod runs here. All of its containers run in the same way.
 *
 * @returns undefined if it runs elsewhere, as its address tells, or cannot run here: its commands are those of images
 */
export function runtimeOf(pod: Pod, { mode, engine }: RuntimeChoice): Runtime | undefined {
  const { containers, initContainers } = pod.spec;
  const isUnplaced = pod.status.podIPs.length === 0 && pod.status.phase === 'Pending' && containers.length > 0;
  if (!isUnplaced) return undefined;
  const all = [...containers, ...initContainers];
  if (engine && mode !== 'process' && all.every(({ image }) => image !== undefined)) return 'engine';
  if (mode !== 'engine' && all.every(({ command }) => command.length > 0)) return 'process';
  return undefined;
}

/** Whether a pod needs a container engine to run: a container has no command but that of its image. */
export function needsEngine(pod: Pod): boolean {
  return runtimeOf(pod, PROCESSES) === undefined && runtimeOf(pod, { mode: 'engine', engine: true }) !== undefined;
}
