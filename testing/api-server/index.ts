export type { ApiServerOptions } from './answers.ts';
export * from './bodies.ts';
export type { Refusal } from './faults.ts';
export { Followed, QUICK } from './followed.ts';
export type { ApiObject } from './objects.ts';
export { ApiServer } from './server.ts';
