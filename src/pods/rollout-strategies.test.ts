import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { short, world } from '../../test/support/rollout-world.ts';
import type { CountOrPercent, WorkloadRunSpec } from '../kube/index.ts';
import { mayStart, mayStop } from './rollout.ts';

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
