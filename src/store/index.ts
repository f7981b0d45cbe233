export { ObjectStore } from './store.ts';
