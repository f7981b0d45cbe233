import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { objects } from '../../../test/support/objects.ts';
import type { Job } from '../../kube/index.ts';
import { JobState } from './job-state.ts';

function jobOf(spec: string, restartPolicy = 'Never'): Job {
  const [job] = objects(
    `apiVersion: batch/v1
kind: Job
metadata: { name: j }
spec:
  ${spec.replaceAll('\n', '\n  ')}
  template:
    spec: { restartPolicy: ${restartPolicy}, containers: [{ name: main, image: none, command: [x] }] }
`,
    { run: true },
  );
  if (job?.kind !== 'Job') throw new Error('no job');
  return job;
}

/** A Job whose clock and pods the test moves. */
class Scene {
  readonly state: JobState;
  readonly #ended = new Set<string>();
  now = 0;
  next: number | undefined;

  constructor(spec: string, restartPolicy = 'Never') {
    this.state = new JobState(jobOf(spec, restartPolicy), 0);
    this.step();
  }

  get active(): string[] {
    return this.state.pods.map(({ meta }) => meta.name).filter(name => !this.#ended.has(name));
  }

  step(now = this.now): void {
    this.now = now;
    this.next = this.state.step(now);
  }

  end(phase: 'succeeded' | 'failed'): void {
    const [name = ''] = this.active;
    this.#ended.add(name);
    this.state.record(name, phase, 0, this.now);
    this.step();
  }
}

describe('A56: a Job', () => {
  test('runs one pod until it succeeds', () => {
    const scene = new Scene('');
    expect(scene.active).toHaveLength(1);
    scene.end('succeeded');
    expect(scene.state.end).toMatchObject({ kind: 'complete' });
    expect(scene.state.pods).toHaveLength(1);
  });

  test('runs as many at once as parallelism says, until its completions', () => {
    const scene = new Scene('completions: 3\nparallelism: 2');
    expect(scene.active).toHaveLength(2);
    scene.end('succeeded');
    expect(scene.active).toHaveLength(2);
    scene.end('succeeded');
    expect(scene.active).toHaveLength(1);
    scene.end('succeeded');
    expect(scene.state.end).toMatchObject({ kind: 'complete' });
  });

  test('without completions starts no more after the first success, and waits for the others', () => {
    const scene = new Scene('parallelism: 2');
    scene.end('succeeded');
    expect(scene.active).toHaveLength(1);
    expect(scene.state.end).toBeUndefined();
    scene.end('succeeded');
    expect(scene.state.end).toMatchObject({ kind: 'complete' });
  });

  test('tries again after growing waits, and fails after backoffLimit', () => {
    const scene = new Scene('backoffLimit: 2');
    const waits: number[] = [];
    for (let failures = 0; failures < 2; failures += 1) {
      scene.end('failed');
      expect(scene.active).toEqual([]);
      waits.push((scene.next ?? 0) - scene.now);
      scene.step(scene.next);
      expect(scene.active).toHaveLength(1);
    }
    expect(waits).toEqual([1000, 2000]);
    scene.end('failed');
    expect(scene.state.end).toMatchObject({ kind: 'failed', reason: 'BackoffLimitExceeded' });
  });

  test('counts restarts of containers as failures', () => {
    const scene = new Scene('backoffLimit: 1', 'OnFailure');
    const [name = ''] = scene.active;
    scene.state.record(name, 'active', 1, 0);
    scene.step();
    expect(scene.state.end).toBeUndefined();
    scene.state.record(name, 'active', 2, 0);
    scene.step();
    expect(scene.state.end).toMatchObject({ reason: 'BackoffLimitExceeded' });
    expect(scene.state.pods).toEqual([]);
  });

  test('fails at its deadline, before backoffLimit counts', () => {
    const scene = new Scene('activeDeadlineSeconds: 5\nbackoffLimit: 0');
    expect(scene.next).toBe(5000);
    scene.step(5000);
    expect(scene.state.end).toMatchObject({ kind: 'failed', reason: 'DeadlineExceeded' });
    expect(scene.state.pods).toEqual([]);
  });

  test('starts nothing while it is suspended or has parallelism 0', () => {
    expect(new Scene('suspend: true').active).toEqual([]);
    expect(new Scene('parallelism: 0').active).toEqual([]);
    const scene = new Scene('completions: 2');
    scene.state.update(jobOf('completions: 2\nsuspend: true'));
    scene.step();
    expect(scene.active).toEqual([]);
  });

  test('removes its pods after ttlSecondsAfterFinished', () => {
    const scene = new Scene('ttlSecondsAfterFinished: 10');
    scene.end('succeeded');
    expect(scene.next).toBe(10_000);
    scene.step(10_000);
    expect(scene.state.pods).toEqual([]);
  });

  test('with indexes gives each pod its own, and repeats one that failed', () => {
    const scene = new Scene('completions: 2\nparallelism: 2\ncompletionMode: Indexed');
    const indexes = () => scene.state.pods.map(pod => pod.meta.annotations['batch.kubernetes.io/job-completion-index']);
    expect(indexes()).toEqual(['0', '1']);
    const [first] = scene.state.pods;
    expect(first?.spec.hostname).toBe('j-0');
    expect(first?.spec.containers[0]?.env.map(({ name }) => name)).toEqual(['JOB_COMPLETION_INDEX']);
    scene.end('failed');
    scene.step(scene.next);
    expect(indexes()).toEqual(['0', '1', '0']);
  });

  test('never runs more pods than it may, and always ends', () => {
    const outcomes = fc.array(fc.constantFrom('succeeded' as const, 'failed' as const), {
      minLength: 40,
      maxLength: 40,
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        outcomes,
        (completions, parallelism, indexed, history) => {
          const mode = indexed ? '\ncompletionMode: Indexed' : '';
          const scene = new Scene(`completions: ${completions}\nparallelism: ${parallelism}${mode}`);
          for (const phase of history) {
            if (scene.state.end !== undefined) break;
            if (scene.active.length === 0) scene.step(scene.next);
            expect(scene.active.length).toBeLessThanOrEqual(Math.min(parallelism, completions - scene.state.succeeded));
            scene.end(phase);
          }
          expect(scene.state.end).toBeDefined();
          if (scene.state.end?.kind === 'complete') expect(scene.state.succeeded).toBe(completions);
        },
      ),
    );
  });
});
