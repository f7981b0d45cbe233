import { describe, expect, test } from 'vitest';
import { queueOf, ScriptedPlane, turn, Wanted, watchApplies } from '../../test/support/change-queue.ts';

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
    // Timers fire in the order in which they are due: this one fires after the retry would have.
    await new Promise(resolve => setTimeout(resolve, 2));
    expect(failed).toHaveLength(1);
    expect(plane.batches).toHaveLength(1);
  });

  test('is retried with the next changes, and a later change of a route starts from what the plane has', async () => {
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

  test('is retried at once with changes that arrived in the meantime', async () => {
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

  test('of a route that is then deleted needs no retry', async () => {
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

describe('a route of which a listener failed', () => {
  test('is applied again until it is complete, and its failure keeps no other change waiting', async () => {
    const plane = new ScriptedPlane();
    const applies = watchApplies(plane);
    const { queue, applied, failed } = queueOf(applies.plane, { retryMs: 1 });
    const wanted = new Wanted();
    queue.push([wanted.set('a', 1), wanted.set('b', 1)]);
    await applies.next();
    plane.answer('incomplete');
    await applies.next();
    queue.push([wanted.set('c', 1)]);
    plane.answer('incomplete');
    await applies.next();
    plane.answer('fine');
    await applies.next();
    plane.answer('fine');
    await queue.idle();
    expect(plane.batches.map(batch => batch.map(change => change.route.key))).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      ['c'],
      ['a', 'b'],
    ]);
    expect(applied).toHaveLength(4);
    expect(failed).toEqual([]);
    expect(plane.lies).toEqual([]);
    expect(plane.state).toEqual(wanted.state);
  });

  test('is never applied again as it was before a later change', async () => {
    const plane = new ScriptedPlane();
    const applies = watchApplies(plane);
    const { queue } = queueOf(applies.plane, { retryMs: 1 });
    const wanted = new Wanted();
    queue.push([wanted.set('a', 1), wanted.set('b', 1)]);
    await applies.next();
    plane.answer('incomplete');
    await queue.idle();
    queue.push([wanted.set('a', 2), ...wanted.delete('b')]);
    await applies.next();
    // The time of the next attempt passes while the later changes are applied.
    await new Promise(resolve => setTimeout(resolve, 2));
    plane.answer('fails');
    await applies.next();
    plane.answer('fine');
    await queue.idle();
    expect(
      plane.batches.map(batch => batch.map(change => `${change.type} ${change.route.key} ${change.route.port}`)),
    ).toEqual([
      ['set a 1', 'set b 1'],
      ['set a 2', 'delete b 1'],
      ['set a 2', 'delete b 1'],
    ]);
    expect(plane.lies).toEqual([]);
    expect(plane.state).toEqual(wanted.state);
  });

  test('is not applied again after close', async () => {
    const plane = new ScriptedPlane();
    const { queue } = queueOf(plane, { retryMs: 1 });
    queue.push([new Wanted().set('a', 1)]);
    const closed = queue.close();
    plane.answer('incomplete');
    await closed;
    await new Promise(resolve => setTimeout(resolve, 2));
    expect(plane.batches).toHaveLength(1);
  });
});

describe('with a minimum interval', () => {
  test('changes in between are batched in one apply', async () => {
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
