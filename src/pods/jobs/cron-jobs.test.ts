import { afterEach, describe, expect, test } from 'vitest';
import { objects } from '../../../test/support/objects.ts';
import { CronJobs } from './cron-jobs.ts';
import { Jobs } from './jobs.ts';

const opened: Jobs[] = [];
afterEach(() => {
  for (const jobs of opened.splice(0)) jobs.close();
});

const MINUTE_MS = 60_000;

function scene(spec: string) {
  const notes: string[] = [];
  const jobs = new Jobs({ now: () => 0, onChange: () => undefined, onEnd: () => undefined });
  opened.push(jobs);
  const cronJobs = new CronJobs({ jobs, fires: false, now: () => new Date(0), onNote: text => notes.push(text) });
  const [object] = objects(
    `apiVersion: batch/v1
kind: CronJob
metadata: { name: c, namespace: shop }
spec:
  schedule: '* * * * *'
  ${spec}
  jobTemplate:
    spec: { template: { spec: { restartPolicy: Never, containers: [{ name: main, image: none, command: [x] }] } } }
`,
    { run: true },
  );
  if (object === undefined) throw new Error('no object');
  cronJobs.apply({ type: 'set', object });
  const names = () => jobs.all().map(({ job }) => job.meta.name);
  const succeed = () => {
    for (const pod of jobs.pods()) jobs.record(pod, 'Succeeded', 0);
  };
  return { jobs, cronJobs, notes, names, succeed };
}

describe('A57: a CronJob', () => {
  test('makes a Job for a minute, named after the minutes since 1970, and only one', () => {
    const { cronJobs, names } = scene('');
    cronJobs.fire(new Date(5 * MINUTE_MS));
    cronJobs.fire(new Date(5 * MINUTE_MS + 10));
    cronJobs.fire(new Date(6 * MINUTE_MS));
    expect(names()).toEqual(['c-5', 'c-6']);
  });

  test.each([
    ['concurrencyPolicy: Forbid', ['c-1']],
    ['concurrencyPolicy: Replace', ['c-2']],
    ['suspend: true', []],
  ])('with %s', (spec, expected) => {
    const { cronJobs, names } = scene(spec);
    cronJobs.fire(new Date(MINUTE_MS));
    cronJobs.fire(new Date(2 * MINUTE_MS));
    expect(names()).toEqual(expected);
  });

  test('keeps as many Jobs that have ended as its limit says', () => {
    const { cronJobs, names, succeed } = scene('successfulJobsHistoryLimit: 1');
    for (const minute of [1, 2, 3]) {
      cronJobs.fire(new Date(minute * MINUTE_MS));
      succeed();
    }
    cronJobs.fire(new Date(4 * MINUTE_MS));
    expect(names()).toEqual(['c-3', 'c-4']);
  });

  test('runs on request, even if it is suspended, and names what there is', () => {
    const { cronJobs, names, notes } = scene('suspend: true');
    expect(notes).toEqual(['CronJob shop/c is suspended; run it now with: switchboard job run shop/c']);
    expect(cronJobs.run('shop/c')).toBe('shop/c-manual-1');
    expect(names()).toEqual(['c-manual-1']);
    expect(() => cronJobs.run('shop/x')).toThrow('there is no CronJob shop/x; the inputs have: shop/c');
  });

  test('takes its Jobs with it', () => {
    const { cronJobs, names } = scene('');
    cronJobs.run('shop/c');
    cronJobs.apply({ type: 'delete', kind: 'CronJob', namespace: 'shop', name: 'c' });
    expect(names()).toEqual([]);
  });
});
