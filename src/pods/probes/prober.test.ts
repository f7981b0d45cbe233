import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Probe } from '../../kube/index.ts';
import { Prober } from './prober.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const PROBE: Probe = {
  action: { kind: 'exec', command: ['true'] },
  initialDelaySeconds: 0,
  periodSeconds: 10,
  timeoutSeconds: 1,
  successThreshold: 1,
  failureThreshold: 3,
};

interface Watched {
  readonly prober: Prober;
  /** Seconds at which the probe was run. */
  readonly runs: number[];
  readonly verdicts: [second: number, good: boolean, why: string | undefined][];
  readonly failures: string[];
  /** The result of the probe from now on; undefined means success. */
  answer: string | undefined;
}

function start(probe: Partial<Probe>, eager: boolean, answer?: string): Watched {
  const began = performance.now();
  const now = () => (performance.now() - began) / 1000;
  const watched: Omit<Watched, 'prober'> = { runs: [], verdicts: [], failures: [], answer };
  const prober = new Prober({
    probe: { ...PROBE, ...probe },
    eager,
    run: async () => {
      watched.runs.push(now());
      return watched.answer;
    },
    onFailure: why => watched.failures.push(why),
    onVerdict: (good, why) => watched.verdicts.push([now(), good, why]),
  });
  return Object.assign(watched, { prober });
}

const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000);

describe('an eager probe (readiness, startup)', () => {
  test('probes at once, often until the first success, and then once per period', async () => {
    const it = start({}, true, 'refused');
    await seconds(0.5);
    expect(it.runs).toEqual([0, 0.2, 0.4]);
    it.answer = undefined;
    await seconds(20.2);
    expect(it.runs.slice(3)).toEqual([0.6, 10.6, 20.6]);
    expect(it.verdicts).toEqual([[0.6, true, undefined]]);
  });

  test('waits for initialDelaySeconds', async () => {
    const it = start({ initialDelaySeconds: 5 }, true);
    await seconds(4.9);
    expect(it.runs).toEqual([]);
    await seconds(0.2);
    expect(it.verdicts).toEqual([[5, true, undefined]]);
  });

  test('counts a failure once per period, however often it probes', async () => {
    const it = start({ periodSeconds: 1, failureThreshold: 3 }, true, 'refused');
    await seconds(1.9);
    expect(it.verdicts).toEqual([]);
    await seconds(0.2);
    expect(it.verdicts).toEqual([[2, false, 'refused']]);
  });

  test('needs successThreshold successes in a row', async () => {
    const it = start({ successThreshold: 2 }, true);
    await seconds(0.1);
    expect(it.verdicts).toEqual([]);
    it.answer = 'refused';
    await seconds(0.2);
    it.answer = undefined;
    await seconds(0.4);
    expect(it.verdicts).toEqual([[0.6, true, undefined]]);
  });
});

describe('a probe that is not eager (liveness)', () => {
  test('first probes one period after the start', async () => {
    const it = start({}, false);
    await seconds(25);
    expect(it.runs).toEqual([10, 20]);
  });

  test('or after initialDelaySeconds, if that is longer', async () => {
    const it = start({ initialDelaySeconds: 15 }, false);
    await seconds(26);
    expect(it.runs).toEqual([15, 25]);
  });

  test('fails after failureThreshold failures in a row, and reports it once', async () => {
    const it = start({ failureThreshold: 2 }, false, 'refused');
    await seconds(50);
    expect(it.verdicts).toEqual([[20, false, 'refused']]);
  });

  test('a success in between starts the count again', async () => {
    const it = start({ failureThreshold: 2 }, false, 'refused');
    await seconds(10);
    it.answer = undefined;
    await seconds(10);
    it.answer = 'refused';
    await seconds(10);
    expect(it.verdicts).toEqual([[20, true, undefined]]);
    await seconds(10);
    expect(it.verdicts.slice(1)).toEqual([[40, false, 'refused']]);
  });
});

test('the verdict changes back and forth', async () => {
  const it = start({ periodSeconds: 1, failureThreshold: 1 }, true);
  await seconds(0.5);
  it.answer = 'answered 503';
  await seconds(1);
  it.answer = undefined;
  await seconds(1);
  expect(it.verdicts).toEqual([
    [0, true, undefined],
    [1, false, 'answered 503'],
    [2, true, undefined],
  ]);
});

test('reports a failure when its reason changes, and keeps the last one', async () => {
  const it = start({ periodSeconds: 1 }, false, 'refused');
  await seconds(2);
  expect(it.prober.lastFailure).toBe('refused');
  it.answer = 'answered 503';
  await seconds(1);
  it.answer = undefined;
  await seconds(1);
  expect(it.prober.lastFailure).toBeUndefined();
  it.answer = 'answered 503';
  await seconds(1);
  expect(it.failures).toEqual(['refused', 'answered 503', 'answered 503']);
});

describe('a stopped probe', () => {
  test('does not probe again', async () => {
    const it = start({ periodSeconds: 1 }, true);
    await seconds(1.5);
    it.prober.stop();
    await seconds(10);
    expect(it.runs).toEqual([0, 1]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('gives no verdict if it was stopped during a probe', async () => {
    const answer = Promise.withResolvers<string | undefined>();
    const verdicts: boolean[] = [];
    const prober = new Prober({
      probe: PROBE,
      eager: true,
      run: () => answer.promise,
      onVerdict: g => verdicts.push(g),
    });
    await seconds(1);
    prober.stop();
    answer.resolve(undefined);
    await seconds(60);
    expect(verdicts).toEqual([]);
  });

  test('does not probe again when its own verdict stopped it', async () => {
    const verdicts: boolean[] = [];
    const prober: Prober = new Prober({
      probe: { ...PROBE, failureThreshold: 1 },
      eager: false,
      run: async () => 'refused',
      onVerdict: good => {
        verdicts.push(good);
        prober.stop();
      },
    });
    await seconds(100);
    expect(verdicts).toEqual([false]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
