export type { RunningState } from './state.ts';
export { runningState } from './state-client.ts';
export { StateServer } from './state-server.ts';
