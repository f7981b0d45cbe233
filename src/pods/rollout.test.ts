import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CountOrPercent, Pod, WorkloadRunSpec } from '../kube/index.ts';
import { mayStart, mayStop, type RunState } from './rollout.ts';

type Kind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'ReplicaSet' | undefined;

const spec = (version: string): Pod['spec'] => ({
  containers: [{ name: version, command: ['x'], args: [], env: [], envFrom: [], ports: [] }],
  initContainers: [],
  hostNetwork: false,
  enableServiceLinks: true,
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  readinessGates: [],
});

function pod(kind: Kind, name: string, version: string): Pod {
  return {
    kind: 'Pod',
    meta: {
      name,
      namespace: 'default',
      labels: {},
      annotations: {},
      owners: kind === undefined ? [] : [{ kind, name: 'web', controller: true }],
    },
    spec: spec(version),
    status: { phase: 'Pending', podIPs: [], conditions: [] },
  };
}

/** `web-0:v1` wanted; `web-0:v1 ready`, `web-0:v1 starting`, `web-0:v1 ending` running. */
function world(kind: Kind, wanted: string, running: string): { wanted: Map<string, Pod>; runs: Map<string, RunState> } {
  const owner = kind === undefined ? undefined : `${kind} default/web`;
  const items = (text: string) => text.split(',').flatMap(item => (item.trim() === '' ? [] : [item.trim()]));
  return {
    wanted: new Map(
      items(wanted).map(item => {
        const [name = '', version = ''] = item.split(':');
        return [`default/${name}`, pod(kind, name, version)];
      }),
    ),
    runs: new Map(
      items(running).map(item => {
        const [name = '', version = '', state = ''] = item.split(/[: ]/);
        // One that is ending may well answer its probe until its end.
        return [
          `default/${name}`,
          { owner, ready: state !== 'starting', terminating: state === 'ending', spec: spec(version) },
        ];
      }),
    ),
  };
}

const short = (keys: readonly string[]) => keys.map(key => key.replace('default/', '')).join(' ');

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

describe('A53: a Deployment', () => {
  const rolling = (surge: CountOrPercent, unavailable: CountOrPercent): WorkloadRunSpec => ({
    kind: 'Deployment',
    minReadySeconds: 0,
    progressDeadlineSeconds: 600,
    paused: false,
    strategy: { type: 'RollingUpdate', maxSurge: surge, maxUnavailable: unavailable },
  });
  const quarter = { percent: 25 };
  const four = (name: string) => [0, 1, 2, 3].map(i => `${name}-${i}:${name}`).join(', ');
  const ready = (name: string, from: number, to: number) =>
    [0, 1, 2, 3]
      .slice(from, to)
      .map(i => `${name}-${i}:${name} ready`)
      .join(', ');

  test.each<[string, WorkloadRunSpec, string, string, string]>([
    [
      'by default starts one of four too many, and stops one',
      rolling(quarter, quarter),
      ready('a', 0, 4),
      'b-0',
      'a-0',
    ],
    ['without maxUnavailable stops none before', rolling({ count: 1 }, { count: 0 }), ready('a', 0, 4), 'b-0', ''],
    ['without maxSurge stops one first', rolling({ count: 0 }, { count: 1 }), ready('a', 0, 4), '', 'a-0'],
    ['with both rounded to 0 stops one first', rolling({ percent: 0 }, { percent: 1 }), ready('a', 0, 4), '', 'a-0'],
    [
      'goes on when a new pod is ready',
      rolling({ count: 1 }, { count: 0 }),
      `${ready('a', 0, 4)}, b-0:b ready`,
      '',
      'a-0',
    ],
    ['starts all with a large surge', rolling({ percent: 100 }, { count: 0 }), ready('a', 0, 4), 'b-0 b-1 b-2 b-3', ''],
  ])('%s', (_what, rule, running, start, stop) => {
    const { wanted, runs } = world('Deployment', four('b'), running);
    const rules = new Map([['Deployment default/web', rule]]);
    expect(short(mayStart(wanted, runs, rules))).toBe(start);
    expect(short(mayStop(wanted, runs, rules))).toBe(stop);
  });

  test('with Recreate ends all before it starts', () => {
    const rules = new Map<string, WorkloadRunSpec>([
      [
        'Deployment default/web',
        {
          kind: 'Deployment',
          minReadySeconds: 0,
          progressDeadlineSeconds: 600,
          paused: false,
          strategy: { type: 'Recreate' },
        },
      ],
    ]);
    const before = world('Deployment', 'b-0:b, b-1:b', 'a-0:a ready, a-1:a ready');
    expect(short(mayStart(before.wanted, before.runs, rules))).toBe('');
    expect(short(mayStop(before.wanted, before.runs, rules))).toBe('a-0 a-1');
    const ending = world('Deployment', 'b-0:b, b-1:b', 'a-1:a ending');
    expect(short(mayStart(ending.wanted, ending.runs, rules))).toBe('');
    const after = world('Deployment', 'b-0:b, b-1:b', '');
    expect(short(mayStart(after.wanted, after.runs, rules))).toBe('b-0 b-1');
  });

  test('always reaches its pods, and keeps within its limits', () => {
    const shares = fc.oneof(
      fc.record({ count: fc.integer({ min: 0, max: 4 }) }),
      fc.record({ percent: fc.integer({ min: 0, max: 100 }) }),
    );
    fc.assert(
      fc.property(shares, shares, (surge, unavailable) => {
        const rules = new Map([['Deployment default/web', rolling(surge, unavailable)]]);
        const { wanted, runs } = world('Deployment', four('b'), ready('a', 0, 4));
        const most = 4 + ('count' in surge ? surge.count : Math.ceil(surge.percent / 25));
        for (let step = 0; step < 20; step += 1) {
          for (const key of mayStop(wanted, runs, rules)) runs.delete(key);
          for (const key of mayStart(wanted, runs, rules)) {
            const spec = wanted.get(key)?.spec;
            if (spec !== undefined)
              runs.set(key, { owner: 'Deployment default/web', ready: true, terminating: false, spec });
          }
          expect(runs.size).toBeLessThanOrEqual(most);
        }
        expect([...runs.keys()].sort()).toEqual([...wanted.keys()].sort());
      }),
    );
  });
});

describe('A54: a StatefulSet', () => {
  const set = (more: Partial<Extract<WorkloadRunSpec, { kind: 'StatefulSet' }>>) =>
    new Map<string, WorkloadRunSpec>([
      [
        'StatefulSet default/web',
        {
          kind: 'StatefulSet',
          minReadySeconds: 0,
          podManagementPolicy: 'OrderedReady',
          updateStrategy: { type: 'RollingUpdate', partition: 0, maxUnavailable: { count: 1 } },
          volumeClaimTemplates: [],
          claimRetention: { whenDeleted: 'Retain', whenScaled: 'Retain' },
          ...more,
        },
      ],
    ]);
  const old = 'web-0:a ready, web-1:a ready, web-2:a ready';

  test('starts and scales down all pods at once with Parallel', () => {
    const rules = set({ podManagementPolicy: 'Parallel' });
    const up = world('StatefulSet', 'web-0:a, web-1:a', '');
    expect(short(mayStart(up.wanted, up.runs, rules))).toBe('web-0 web-1');
    const down = world('StatefulSet', 'web-0:a', old);
    expect(short(mayStop(down.wanted, down.runs, rules))).toBe('web-1 web-2');
  });

  test.each<[string, Parameters<typeof set>[0], string]>([
    ['updates the highest first', {}, 'web-2'],
    [
      'keeps those below the partition',
      { updateStrategy: { type: 'RollingUpdate', partition: 3, maxUnavailable: { count: 1 } } },
      '',
    ],
    [
      'updates several with maxUnavailable',
      { updateStrategy: { type: 'RollingUpdate', partition: 0, maxUnavailable: { count: 2 } } },
      'web-1 web-2',
    ],
    ['updates none with OnDelete', { updateStrategy: { type: 'OnDelete' } }, ''],
  ])('%s', (_what, more, stop) => {
    const { wanted, runs } = world('StatefulSet', 'web-0:b, web-1:b, web-2:b', old);
    expect(short(mayStop(wanted, runs, set(more)))).toBe(stop);
  });
});
