export { type Applied, ChangeQueue, type FailedChange, type QueueOptions } from './change-queue.ts';
export { appliesAgain } from './incomplete-routes.ts';
export { failedReport } from './outcomes.ts';
export type { ApplyReport, Listener, Plane, RouteOutcome, RouteTraffic } from './plane.ts';
