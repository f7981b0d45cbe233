import type { ObjectEvent, ObjectKey } from '../kube/index.ts';
import { ObjectStore } from './store.ts';

/** Called with the events that the store has applied and the keys of the Services whose routes may differ now. */
export type StoreListener = (events: readonly ObjectEvent[], touched: ReadonlySet<ObjectKey>) => void;

/** The order of the subscribers: a name resolves to the new objects before the routes lead to them. */
const ORDER = ['dns', 'routes', 'console'] as const;

export type Subscriber = (typeof ORDER)[number];

/** The objects that a source reports, and the subscribers to their changes. */
export class World {
  readonly store = new ObjectStore();
  readonly #listeners: Readonly<Record<Subscriber, Set<StoreListener>>> = {
    dns: new Set(),
    routes: new Set(),
    console: new Set(),
  };

  /** Applies the events, then calls the subscribers in their fixed order. @returns the Services that the events touch */
  apply(events: readonly ObjectEvent[]): ReadonlySet<ObjectKey> {
    const touched = this.store.apply(events);
    for (const subscriber of ORDER) {
      for (const listener of this.#listeners[subscriber]) listener(events, touched);
    }
    return touched;
  }

  /** @returns a function that ends the subscription */
  subscribe(subscriber: Subscriber, listener: StoreListener): () => void {
    this.#listeners[subscriber].add(listener);
    return () => this.#listeners[subscriber].delete(listener);
  }
}
