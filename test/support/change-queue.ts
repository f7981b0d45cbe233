/** A plane whose reports the test provides, and a queue in front of it. */
import { onTestFinished } from 'vitest';
import { type Applied, ChangeQueue, type QueueOptions } from '../../src/planes/change-queue.ts';
import { failedReport } from '../../src/planes/outcomes.ts';
import type { ApplyReport, Plane } from '../../src/planes/plane.ts';
import type { HeadlessRoute, Route, RouteChange, RouteKey } from '../../src/routing/index.ts';

function route(key: string, port: number): HeadlessRoute {
  return {
    kind: 'headless',
    key,
    service: `default/${key}`,
    namespace: 'default',
    name: key,
    type: 'ClusterIP',
    portName: '',
    protocol: 'TCP',
    family: 'IPv4',
    port,
    targetPort: port,
    endpoints: [],
    skippedPods: [],
    origin: 'none',
    selected: 0,
  };
}

/** A plane whose reports the test provides. It checks that every change starts from the routes that the plane has. */
export class ScriptedPlane implements Plane {
  readonly name = 'scripted';
  readonly state = new Map<RouteKey, Route>();
  readonly batches: (readonly RouteChange[])[] = [];
  readonly lies: string[] = [];
  #pending: { changes: readonly RouteChange[]; done: PromiseWithResolvers<ApplyReport> } | undefined;

  apply(changes: readonly RouteChange[]): Promise<ApplyReport> {
    if (this.#pending !== undefined) this.lies.push('two at a time');
    this.batches.push(changes);
    this.#pending = { changes, done: Promise.withResolvers<ApplyReport>() };
    return this.#pending.done.promise;
  }

  get busy(): boolean {
    return this.#pending !== undefined;
  }

  /** `halfFails`: every second change fails; `incomplete`: a listener of every route fails. */
  answer(answer: 'fine' | 'fails' | 'throws' | 'halfFails' | 'incomplete'): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending === undefined) return;
    if (answer === 'throws') pending.done.reject(new Error('no'));
    else if (answer === 'fails') pending.done.resolve(failedReport(pending.changes, 'no'));
    else {
      const outcomes = pending.changes.map((change, i) => {
        if (answer === 'halfFails' && i % 2 === 0) return { change, listeners: [], failure: 'no' };
        this.#take(change);
        return { change, listeners: [], incomplete: answer === 'incomplete' };
      });
      pending.done.resolve({ outcomes });
    }
  }

  async observe(): Promise<[]> {
    return [];
  }

  traffic(): [] {
    return [];
  }

  async close(): Promise<void> {}

  #take(change: RouteChange): void {
    const { key } = change.route;
    const before = change.type === 'set' ? change.previous : change.route;
    if (this.state.get(key) !== before) this.lies.push(`${change.type} ${key}`);
    if (change.type === 'set') this.state.set(key, change.route);
    else this.state.delete(key);
  }
}

/** A queue that retries by itself only if `retryMs` is set. */
export function queueOf(plane: Pick<Plane, 'apply'>, options: Partial<QueueOptions> = {}) {
  const applied: Applied[] = [];
  const failed: { reason: string; keys: string[] }[] = [];
  const queue = new ChangeQueue(plane, {
    onApplied: one => applied.push(one),
    onFailed: (reason, changes) => failed.push({ reason, keys: changes.map(({ change }) => change.route.key) }),
    retryMs: 2 ** 30,
    ...options,
  });
  onTestFinished(() => queue.close());
  return { queue, applied, failed };
}

/** The wanted routes; every change names the route that it replaces, as the changes of the route table do. */
export class Wanted {
  readonly state = new Map<RouteKey, Route>();

  set(key: string, port: number): RouteChange {
    const previous = this.state.get(key);
    const next = route(key, port);
    this.state.set(key, next);
    return { type: 'set', route: next, ...(previous === undefined ? {} : { previous }) };
  }

  delete(key: string): RouteChange[] {
    const gone = this.state.get(key);
    this.state.delete(key);
    return gone === undefined ? [] : [{ type: 'delete', route: gone }];
  }
}

/** Lets the queue process the plane's report. */
export const turn = () => new Promise(resolve => setImmediate(resolve));

/** A plane's `apply`, and a way to wait for its next call. */
export function watchApplies(plane: ScriptedPlane) {
  let unseen = 0;
  let wake = () => {};
  return {
    plane: {
      apply: (changes: readonly RouteChange[]) => {
        unseen++;
        wake();
        return plane.apply(changes);
      },
    },
    async next(): Promise<void> {
      if (unseen === 0) {
        await new Promise<void>(resolve => {
          wake = resolve;
        });
      }
      unseen--;
    },
  };
}
