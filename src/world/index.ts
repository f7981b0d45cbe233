export { ObjectStore } from './store.ts';
export { type StoreListener, type Subscriber, World } from './world.ts';
