export { type Applied, ChangeQueue } from './change-queue.ts';
export type { ApplyReport, Listener, Plane, RouteTraffic } from './plane.ts';
