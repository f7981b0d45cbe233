export type { ServedPlane } from './served-plane.ts';
export { Up, type UpOptions } from './up.ts';
