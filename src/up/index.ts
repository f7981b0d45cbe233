export { Up, type UpOptions } from './up.ts';
