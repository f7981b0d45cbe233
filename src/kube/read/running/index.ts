/** Readers of what only running pods needs. */
export { type RunRules, readContainerRun } from './container-run.ts';
export { finished, type PodRunOptions, readPodRun } from './pod-run.ts';
