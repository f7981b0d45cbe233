import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { queueOf, ScriptedPlane, turn, Wanted } from '../../test/support/change-queue.ts';
import type { RouteChange } from '../routing/index.ts';

describe('changes that arrive during an apply', () => {
  test('are batched in the next apply', async () => {
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
    [
      'a route deleted and created again',
      w => [w.delete('a'), [w.set('a', 2)]],
      [{ type: 'set', port: 2, previous: 1 }],
    ],
    ['a route created and deleted', w => [[w.set('new', 2)], w.delete('new')], []],
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

test('after any sequence, the plane has the wanted routes, and every change had the right previous route', async () => {
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

test('callbacks that throw become warnings, and the queue continues', async () => {
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
