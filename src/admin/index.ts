export { JobServer, requestJob } from './job-socket.ts';
export { runtimeFolder } from './runtime-folder.ts';
export type { RunningState } from './state.ts';
export { runningState } from './state-client.ts';
export { type Instance, StateServer } from './state-server.ts';
