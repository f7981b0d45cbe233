import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Kind, short, world } from '../../test/support/rollout-world.ts';
import { mayStart, mayStop } from './rollout.ts';

type Case = [what: string, wanted: string, running: string, start: string, stop: string];

function check(kind: Kind, wanted: string, running: string): { start: string; stop: string } {
  const state = world(kind, wanted, running);
  return { start: short(mayStart(state.wanted, state.runs)), stop: short(mayStop(state.wanted, state.runs)) };
}

describe('a Deployment', () => {
  test.each<Case>([
    ['starts all its pods at once', 'a-0:1, a-1:1', '', 'a-0 a-1', ''],
    ['keeps pods that match', 'a-0:1', 'a-0:1 ready', '', ''],
    ['starts new pods before it stops old ones', 'b-0:2, b-1:2', 'a-0:1 ready, a-1:1 ready', 'b-0 b-1', ''],
    [
      'takes down one old pod for each new one that is ready',
      'b-0:2, b-1:2',
      'a-0:1 ready, a-1:1 ready, b-0:2 ready, b-1:2 starting',
      '',
      'a-0',
    ],
    [
      'and does not count one that is ending already',
      'b-0:2, b-1:2',
      'a-0:1 ending, a-1:1 ready, b-0:2 ready, b-1:2 starting',
      '',
      '',
    ],
    [
      'takes down all the old when all the new are ready',
      'b-0:2, b-1:2',
      'a-0:1 ready, a-1:1 ready, b-0:2 ready, b-1:2 ready',
      '',
      'a-0 a-1',
    ],
    ['stops an old pod that is not ready at once', 'b-0:2', 'a-0:1 starting', 'b-0', 'a-0'],
    ['scales down at once', 'a-0:1', 'a-0:1 ready, a-1:1 ready, a-2:1 ready', '', 'a-1 a-2'],
    ['stops all its pods when it is deleted', '', 'a-0:1 ready, a-1:1 starting', '', 'a-0 a-1'],
  ])('%s', (_what, wanted, running, start, stop) => {
    expect(check('Deployment', wanted, running)).toEqual({ start, stop });
  });
});

describe('a StatefulSet', () => {
  test.each<Case>([
    ['starts the first pod only', 'a-0:1, a-1:1', '', 'a-0', ''],
    ['waits until it is ready', 'a-0:1, a-1:1', 'a-0:1 starting', '', ''],
    ['starts the next one then', 'a-0:1, a-1:1, a-2:1', 'a-0:1 ready', 'a-1', ''],
    ['does not start a pod after one that is ending', 'a-0:1, a-1:1', 'a-0:1 ending', '', ''],
    ['starts with its first pod if its ordinals start elsewhere', 'a-5:1, a-6:1', '', 'a-5', ''],
    ['updates the last pod first', 'a-0:2, a-1:2', 'a-0:1 ready, a-1:1 ready', '', 'a-1'],
    ['waits until the old one has ended', 'a-0:2, a-1:2', 'a-0:1 ready, a-1:1 ending', '', ''],
    ['starts the new one before it stops another', 'a-0:2, a-1:2', 'a-0:1 ready', 'a-1', ''],
    ['waits until the new one is ready', 'a-0:2, a-1:2', 'a-0:1 ready, a-1:2 starting', '', ''],
    ['continues with the previous ordinal', 'a-0:2, a-1:2', 'a-0:1 ready, a-1:2 ready', '', 'a-0'],
    ['replaces pods at once that do not become ready', 'a-0:2, a-1:2', 'a-0:1 starting, a-1:1 starting', '', 'a-0 a-1'],
    ['replaces the one that is not ready first', 'a-0:2, a-1:2', 'a-0:1 starting, a-1:1 ready', '', 'a-0'],
    ['starts what is missing before it updates', 'a-0:2, a-1:2', 'a-0:1 ready', 'a-1', ''],
    ['scales down from the last pod', 'a-0:1', 'a-0:1 ready, a-1:1 ready, a-2:1 ready', '', 'a-2'],
    ['one after the other', 'a-0:1', 'a-0:1 ready, a-1:1 ready, a-2:1 ending', '', ''],
    ['stops all its pods when it is deleted', '', 'a-0:1 ready, a-1:1 ready', '', 'a-0 a-1'],
  ])('%s', (_what, wanted, running, start, stop) => {
    expect(check('StatefulSet', wanted, running)).toEqual({ start, stop });
  });
});

describe.each<Kind>([undefined, 'DaemonSet', 'ReplicaSet'])('pods of %s', kind => {
  test.each<Case>([
    ['start at once', 'a-0:1, a-1:1', '', 'a-0 a-1', ''],
    ['are replaced at once when they change', 'a-0:2', 'a-0:1 ready', '', 'a-0'],
    ['start again when the old one has ended, not before', 'a-0:2', 'a-0:1 ending', '', ''],
    ['stop when they are removed', '', 'a-0:1 ready', '', 'a-0'],
  ])('%s', (_what, wanted, running, start, stop) => {
    expect(check(kind, wanted, running)).toEqual({ start, stop });
  });
});

/** Plays the rollout to its end: what starts gets ready a step later, what stops has ended a step later. */
function play(kind: Kind, wanted: string, running: string): { steps: number; leastReady: number } {
  const { wanted: pods, runs } = world(kind, wanted, running);
  let leastReady = Number.POSITIVE_INFINITY;
  for (let steps = 0; steps < 100; steps += 1) {
    const stop = mayStop(pods, runs);
    for (const key of stop) {
      const run = runs.get(key);
      if (run !== undefined) runs.set(key, { ...run, terminating: true });
    }
    const start = mayStart(pods, runs);
    leastReady = Math.min(leastReady, [...runs.values()].filter(run => run.ready && !run.terminating).length);
    const busy = [...runs].filter(([, run]) => run.terminating || !run.ready);
    if (stop.length + start.length + busy.length === 0) return { steps, leastReady };
    for (const [key, run] of busy) {
      if (run.terminating) runs.delete(key);
      else if (JSON.stringify(pods.get(key)?.spec) === JSON.stringify(run.spec)) runs.set(key, { ...run, ready: true });
    }
    for (const key of start) {
      const pod = pods.get(key);
      if (pod === undefined) continue;
      const owner = kind === undefined ? undefined : `${kind} default/web`;
      runs.set(key, { owner, ready: false, terminating: false, spec: pod.spec });
    }
  }
  throw new Error(`it does not end: ${JSON.stringify([...runs.keys()])}`);
}

const state = fc.constantFrom('ready', 'starting', 'ending');
const count = fc.integer({ min: 1, max: 4 });

test('every rollout completes from any start', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Kind>('Deployment', 'StatefulSet', 'DaemonSet', undefined),
      count,
      fc.array(fc.tuple(fc.constantFrom('1', '2'), state), { maxLength: 5 }),
      (kind, replicas, old) => {
        const wanted = Array.from({ length: replicas }, (_, i) => `a-${i}:2`).join(',');
        const running = old.map(([version, how], i) => `a-${i}:${version} ${how}`).join(',');
        expect(play(kind, wanted, running).steps).toBeLessThan(100);
      },
    ),
  );
});

test('a Deployment that is updated never has fewer ready pods than it wants, a StatefulSet one fewer at most', () => {
  fc.assert(
    fc.property(count, replicas => {
      const list = (name: string, suffix: string) =>
        Array.from({ length: replicas }, (_, i) => `${name}-${i}:${suffix}`);
      const deployment = play('Deployment', list('b', '2').join(','), list('a', '1 ready').join(','));
      expect(deployment.leastReady).toBe(replicas);
      const set = play('StatefulSet', list('a', '2').join(','), list('a', '1 ready').join(','));
      expect(set.leastReady).toBe(replicas - 1);
    }),
  );
});
