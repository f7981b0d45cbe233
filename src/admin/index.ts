export type { RunningState } from './state.ts';
export { askRunning, instancesText, runningState, runningStates } from './state-client.ts';
export { type Instance, type Requests, StateServer } from './state-server.ts';
