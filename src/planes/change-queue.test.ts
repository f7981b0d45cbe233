import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HeadlessRoute, Route, RouteChange, RouteKey } from '../routing/index.ts';
import { type Applied, ChangeQueue } from './change-queue.ts';
import type { ApplyReport, Plane } from './plane.ts';

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
    omissions: [],
    origin: 'none',
    selected: 0,
  };
}

/** A plane that is answered for by hand, and that checks that what it is told of its own state is true. */
class ScriptedPlane implements Plane {
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

  answer(outcome: 'fine' | 'fails'): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending === undefined) return;
    if (outcome === 'fails') pending.done.reject(new Error('no'));
    else {
      for (const change of pending.changes) this.#take(change);
      pending.done.resolve({ listeners: [] });
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

function queueOf(plane: Plane): { queue: ChangeQueue; applied: Applied[]; failed: (readonly RouteChange[])[] } {
  const applied: Applied[] = [];
  const failed: (readonly RouteChange[])[] = [];
  const queue = new ChangeQueue(
    plane,
    one => applied.push(one),
    (_error, changes) => failed.push(changes),
  );
  return { queue, applied, failed };
}

/** What is wanted, as the route table tells it: every change says what it replaces. */
class Wanted {
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

/** Lets the queue see what the plane has answered. */
const turn = () => new Promise(resolve => setImmediate(resolve));

describe('changes that come while the plane is at work', () => {
  test('go together in the next apply', async () => {
    const plane = new ScriptedPlane();
    const { queue, applied } = queueOf(plane);
    const wanted = new Wanted();
    queue.push([wanted.set('a', 1)]);
    queue.push([wanted.set('b', 1)]);
    queue.push([wanted.set('c', 1)]);
    plane.answer('fine');
    await turn();
    plane.answer('fine');
    await queue.idle();
    expect(plane.batches.map(batch => batch.map(change => change.route.key))).toEqual([['a'], ['b', 'c']]);
    expect(applied.map(one => one.changes)).toEqual(plane.batches);
  });

  test.each<[what: string, changes: (wanted: Wanted) => RouteChange[][], expected: unknown[]]>([
    ['a route set twice', w => [[w.set('a', 2)], [w.set('a', 3)]], [{ type: 'set', port: 3, previous: 1 }]],
    ['a route set and deleted', w => [[w.set('a', 2)], w.delete('a')], [{ type: 'delete', port: 1 }]],
    ['a route deleted and made again', w => [w.delete('a'), [w.set('a', 2)]], [{ type: 'set', port: 2, previous: 1 }]],
    ['a route that came and went', w => [[w.set('new', 2)], w.delete('new')], []],
  ])('%s is one change from what the plane has', async (_what, changes, expected) => {
    const plane = new ScriptedPlane();
    const { queue } = queueOf(plane);
    const wanted = new Wanted();
    queue.push([wanted.set('a', 1)]);
    for (const some of changes(wanted)) queue.push(some);
    plane.answer('fine');
    await turn();
    const next = plane.batches[1] ?? [];
    expect(
      next.map(change => ({
        type: change.type,
        port: change.route.port,
        ...(change.type === 'set' && change.previous !== undefined ? { previous: change.previous.port } : {}),
      })),
    ).toEqual(expected);
    plane.answer('fine');
    await queue.idle();
    expect(plane.lies).toEqual([]);
  });
});

describe('an apply that fails', () => {
  test('is said once, and is not tried again by itself', async () => {
    const plane = new ScriptedPlane();
    const { queue, applied, failed } = queueOf(plane);
    queue.push([new Wanted().set('a', 1)]);
    plane.answer('fails');
    await queue.idle();
    expect({ applied: applied.length, failed: failed.length, batches: plane.batches.length }).toEqual({
      applied: 0,
      failed: 1,
      batches: 1,
    });
  });

  test('goes with the next changes, and a later change of a route starts from what the plane really has', async () => {
    const plane = new ScriptedPlane();
    const { queue, failed } = queueOf(plane);
    const wanted = new Wanted();
    queue.push([wanted.set('a', 1), wanted.set('b', 1)]);
    plane.answer('fails');
    await queue.idle();
    queue.push([wanted.set('a', 2)]);
    plane.answer('fine');
    await queue.idle();
    expect(failed).toHaveLength(1);
    expect(plane.lies).toEqual([]);
    expect(plane.state).toEqual(wanted.state);
  });

  test('is tried again at once with what has come in the meantime', async () => {
    const plane = new ScriptedPlane();
    const { queue } = queueOf(plane);
    const wanted = new Wanted();
    queue.push([wanted.set('a', 1)]);
    queue.push([wanted.set('b', 1)]);
    plane.answer('fails');
    await turn();
    expect(plane.batches[1]?.map(change => change.route.key)).toEqual(['a', 'b']);
    plane.answer('fine');
    await queue.idle();
    expect(plane.state).toEqual(wanted.state);
  });

  test('of a route that is deleted then leaves nothing to do', async () => {
    const plane = new ScriptedPlane();
    const { queue } = queueOf(plane);
    const wanted = new Wanted();
    queue.push([wanted.set('a', 1)]);
    plane.answer('fails');
    await queue.idle();
    queue.push(wanted.delete('a'));
    await queue.idle();
    expect(plane.batches).toHaveLength(1);
  });
});

test('whatever comes when, the plane ends with what is wanted, and is never told a wrong previous route', async () => {
  const key = fc.constantFrom('a', 'b', 'c');
  const edit = fc.oneof(
    fc.record({ do: fc.constant('set' as const), key }),
    fc.record({ do: fc.constant('delete' as const), key }),
  );
  const step = fc.oneof(
    fc.record({ do: fc.constant('push' as const), edits: fc.array(edit, { maxLength: 3 }) }),
    fc.record({ do: fc.constant('answer' as const), outcome: fc.constantFrom('fine' as const, 'fails' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async steps => {
      const plane = new ScriptedPlane();
      const { queue } = queueOf(plane);
      const wanted = new Wanted();
      let port = 1;
      for (const one of steps) {
        if (one.do === 'answer') plane.answer(one.outcome);
        else {
          port += 1;
          queue.push(one.edits.flatMap(e => (e.do === 'set' ? [wanted.set(e.key, port)] : wanted.delete(e.key))));
        }
        await turn();
      }
      queue.push([wanted.set('last', 1)]);
      for (;;) {
        await turn();
        if (!plane.busy) break;
        plane.answer('fine');
      }
      await queue.idle();
      expect(plane.lies).toEqual([]);
      expect(plane.state).toEqual(wanted.state);
    }),
  );
});

test('a reader of the result that throws is told of as a failure, and what was applied is not applied again', async () => {
  const plane = new ScriptedPlane();
  const said: unknown[] = [];
  const queue = new ChangeQueue(
    plane,
    () => {
      throw new Error('reader');
    },
    error => said.push(error),
  );
  const wanted = new Wanted();
  queue.push([wanted.set('a', 1)]);
  plane.answer('fine');
  await queue.idle();
  queue.push([wanted.set('b', 1)]);
  plane.answer('fine');
  await queue.idle();
  expect(said).toHaveLength(2);
  expect(plane.batches.map(batch => batch.map(change => change.route.key))).toEqual([['a'], ['b']]);
});
