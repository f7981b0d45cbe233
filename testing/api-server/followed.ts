import type { Kind, KubeObject, ObjectEvent } from '../../src/kube/index.ts';
import {
  type ClusterEvent,
  type ClusterOptions,
  type ClusterSource,
  createClusterSource,
} from '../../src/sources/cluster/index.ts';
import type { Notice } from '../../src/sources/source.ts';

/** Short waits keep the tests fast; every wait still ends with an event and not with the clock. */
export const QUICK = { retryFirstMs: 5, retryMaxMs: 50, settleMs: 20 };

/** A source, what it has reported so far, and a way to wait for more. */
export class Followed implements AsyncDisposable {
  readonly source: ClusterSource;
  /** `Service shop/web` -> the object, from the events alone. */
  readonly objects = new Map<string, KubeObject>();
  /** Since `load`. */
  readonly events: ObjectEvent[] = [];
  readonly notices: Notice[] = [];
  readonly happened: ClusterEvent[];
  loaded = false;
  #waiters: (() => void)[] = [];

  private constructor(source: ClusterSource, happened: ClusterEvent[]) {
    this.source = source;
    this.happened = happened;
  }

  /** Returns before the first lists have arrived. */
  static async start(options: ClusterOptions): Promise<Followed> {
    const happened: ClusterEvent[] = [];
    let followed: Followed | undefined;
    const source = await createClusterSource({
      ...options,
      timings: { ...QUICK, ...options.timings },
      onEvent: event => {
        happened.push(event);
        followed?.wake();
      },
    });
    followed = new Followed(source, happened);
    void followed.#load();
    return followed;
  }

  static async load(options: ClusterOptions): Promise<Followed> {
    const followed = await Followed.start(options);
    await followed.until(() => followed.loaded);
    return followed;
  }

  get names(): string[] {
    return [...this.objects.keys()].sort();
  }

  object(kind: Kind, key: string): KubeObject | undefined {
    return this.objects.get(`${kind} ${key}`);
  }

  happenedOf<T extends ClusterEvent['type']>(type: T): Extract<ClusterEvent, { type: T }>[] {
    return this.happened.filter((event): event is Extract<ClusterEvent, { type: T }> => event.type === type);
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>(resolve => this.#waiters.push(resolve));
  }

  wake(): void {
    for (const waiter of this.#waiters.splice(0)) waiter();
  }

  close(): Promise<void> {
    return this.source.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #load(): Promise<void> {
    const { events, notices } = await this.source.load();
    this.#take(events);
    this.notices.push(...notices);
    this.loaded = true;
    this.source.watch(update => {
      this.#take(update.events);
      for (const event of update.events) this.events.push(event);
      this.notices.push(...update.notices);
      this.wake();
    });
    this.wake();
  }

  #take(events: readonly ObjectEvent[]): void {
    for (const event of events) {
      if (event.type === 'set') this.objects.set(idOf(event.object.kind, event.object.meta), event.object);
      else this.objects.delete(idOf(event.kind, event));
    }
  }
}

function idOf(kind: Kind, { namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}
