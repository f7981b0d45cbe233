/** Readers of what only running pods needs. */
export { type RunRules, readContainerRun } from './container-run.ts';
export { finished, readPodRun } from './pod-run.ts';
