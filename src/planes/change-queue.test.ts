import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { HeadlessRoute, Route, RouteChange, RouteKey } from '../routing/index.ts';
import { type Applied, ChangeQueue, type QueueOptions } from './change-queue.ts';
import { failedReport } from './outcomes.ts';
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

/** A plane whose answers the test gives, and which checks that every change starts from what the plane has. */
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

  /** `halfFails`: every second change fails. */
  answer(answer: 'fine' | 'fails' | 'throws' | 'halfFails'): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending === undefined) return;
    if (answer === 'throws') pending.done.reject(new Error('no'));
    else if (answer === 'fails') pending.done.resolve(failedReport(pending.changes, 'no'));
    else {
      const outcomes = pending.changes.map((change, i) => {
        if (answer === 'halfFails' && i % 2 === 0) return { change, listeners: [], failure: 'no' };
        this.#take(change);
        return { change, listeners: [] };
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

/** A queue that retries on its own only where `retryMs` says so. */
function queueOf(plane: Pick<Plane, 'apply'>, options: Partial<QueueOptions> = {}) {
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
  test.each(['fails', 'throws'] as const)('is reported once, and its changes wait for a retry: it %s', async how => {
    const plane = new ScriptedPlane();
    const { queue, applied, failed } = queueOf(plane);
    queue.push([new Wanted().set('a', 1)]);
    plane.answer(how);
    await queue.idle();
    expect(applied).toEqual([]);
    expect(failed).toEqual([{ reason: 'no', keys: ['a'] }]);
    expect(plane.batches).toHaveLength(1);
  });

  test('is retried without another change, again and again', async () => {
    const plane = new ScriptedPlane();
    const applies = watchApplies(plane);
    const { queue, failed } = queueOf(applies.plane, { retryMs: 1 });
    const wanted = new Wanted();
    queue.push([wanted.set('a', 1)]);
    for (const answer of ['fails', 'throws', 'halfFails', 'fine'] as const) {
      await applies.next();
      plane.answer(answer);
    }
    await queue.idle();
    expect(failed).toHaveLength(3);
    expect(plane.batches).toHaveLength(4);
    expect(plane.lies).toEqual([]);
    expect(plane.state).toEqual(wanted.state);
  });

  test('in part keeps what was made, and retries the rest only', async () => {
    const plane = new ScriptedPlane();
    const { queue, applied, failed } = queueOf(plane);
    const wanted = new Wanted();
    queue.push([wanted.set('a', 1), wanted.set('b', 1)]);
    plane.answer('halfFails');
    await queue.idle();
    expect(applied.map(one => one.changes.map(change => change.route.key))).toEqual([['b']]);
    expect(failed).toEqual([{ reason: 'no', keys: ['a'] }]);
    queue.push([wanted.set('c', 1)]);
    expect(plane.batches[1]?.map(change => change.route.key)).toEqual(['a', 'c']);
    plane.answer('fine');
  });

  test('without any change is retried too', async () => {
    const plane = new ScriptedPlane();
    const applies = watchApplies(plane);
    const { queue, applied, failed } = queueOf(applies.plane, { retryMs: 1 });
    queue.reconcile();
    await applies.next();
    plane.answer('fails');
    await applies.next();
    plane.answer('fine');
    await queue.idle();
    expect(failed).toEqual([{ reason: 'no', keys: [] }]);
    expect(applied).toHaveLength(1);
    expect(plane.batches).toEqual([[], []]);
  });

  test('is not retried after close', async () => {
    const plane = new ScriptedPlane();
    const { queue, failed } = queueOf(plane, { retryMs: 1 });
    queue.push([new Wanted().set('a', 1)]);
    const closed = queue.close();
    plane.answer('fails');
    await closed;
    // Timers fire in the order in which they are due: this one after a retry would have.
    await new Promise(resolve => setTimeout(resolve, 2));
    expect(failed).toHaveLength(1);
    expect(plane.batches).toHaveLength(1);
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
    fc.record({
      do: fc.constant('answer' as const),
      outcome: fc.constantFrom(...(['fine', 'fails', 'throws', 'halfFails'] as const)),
    }),
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

describe('with a minimum interval', () => {
  test('changes in between go together in one apply', async () => {
    const plane = new ScriptedPlane();
    const applies = watchApplies(plane);
    const { queue } = queueOf(applies.plane, { minIntervalMs: 20 });
    const wanted = new Wanted();
    queue.push([wanted.set('a', 1)]);
    await applies.next();
    plane.answer('fine');
    await turn();
    for (const port of [2, 3, 4]) {
      queue.push([wanted.set('a', port)]);
      await turn();
    }
    await applies.next();
    plane.answer('fine');
    await queue.idle();
    expect(plane.batches.map(batch => batch.map(change => change.route.port))).toEqual([[1], [4]]);
  });

  test('close does not wait for it', async () => {
    const plane = new ScriptedPlane();
    const { queue } = queueOf(plane, { minIntervalMs: 2 ** 30 });
    const wanted = new Wanted();
    queue.push([wanted.set('a', 1)]);
    plane.answer('fine');
    await turn();
    queue.push([wanted.set('a', 2)]);
    await queue.close();
    expect(plane.batches).toHaveLength(1);
  });
});

test('callbacks that throw become warnings, and the queue goes on', async () => {
  const plane = new ScriptedPlane();
  const warnings: string[] = [];
  const onWarning = (warning: Error) => warnings.push(warning.message);
  process.on('warning', onWarning);
  onTestFinished(() => {
    process.off('warning', onWarning);
  });
  const fails = (name: string) => () => {
    throw new Error(name);
  };
  const { queue } = queueOf(plane, { onApplied: fails('onApplied'), onFailed: fails('onFailed') });
  const wanted = new Wanted();
  queue.push([wanted.set('a', 1)]);
  plane.answer('fine');
  await queue.idle();
  queue.push([wanted.set('b', 1)]);
  plane.answer('fails');
  await queue.idle();
  queue.push([wanted.set('c', 1)]);
  plane.answer('fine');
  await queue.idle();
  await turn();
  expect(plane.batches.map(batch => batch.map(change => change.route.key))).toEqual([['a'], ['b'], ['b', 'c']]);
  expect(warnings).toEqual(['onApplied', 'onFailed', 'onApplied'].map(name => `a callback failed: ${name}`));
});

/** A plane's `apply`, and a way to wait for the next call of it. */
function watchApplies(plane: ScriptedPlane) {
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
