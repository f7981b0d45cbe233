export type { RunningState } from './state.ts';
export { askRunning, instancesText, runningState, runningStates, streamFrom } from './state-client.ts';
export { type Instance, type Requests, StateServer } from './state-server.ts';
