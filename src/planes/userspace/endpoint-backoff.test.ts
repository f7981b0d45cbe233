import { describe, expect, it } from 'vitest';
import { EndpointBackoff } from './endpoint-backoff.ts';

describe('endpoint backoff', () => {
  it('ejects an endpoint for 1 s, then longer, up to 10 s, while it keeps failing', () => {
    const backoff = new EndpointBackoff();
    let now = 0;
    const steps: number[] = [];
    for (let i = 0; i < 6; i++) {
      const step = backoff.fail('a', now);
      steps.push(step);
      expect(backoff.ejects('a', now + step - 1)).toBe(true);
      now += step;
      expect(backoff.ejects('a', now)).toBe(false);
    }
    expect(steps).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  it('counts faults that arrive during an ejection as one', () => {
    const backoff = new EndpointBackoff();
    expect(backoff.fail('a', 0)).toBe(1_000);
    expect(backoff.fail('a', 10)).toBe(0);
    expect(backoff.ejects('a', 1_000)).toBe(false);
  });

  it('starts again at 1 s after a success or a minute without a fault', () => {
    const backoff = new EndpointBackoff();
    backoff.fail('a', 0);
    backoff.succeed('a');
    expect(backoff.ejects('a', 1)).toBe(false);
    expect(backoff.fail('a', 2)).toBe(1_000);
    expect(backoff.fail('a', 100_000)).toBe(1_000);
  });

  it('is quiet when no endpoint is ejected', () => {
    const backoff = new EndpointBackoff();
    expect(backoff.quiet(0)).toBe(true);
    backoff.fail('a', 0);
    expect(backoff.quiet(999)).toBe(false);
    expect(backoff.quiet(1_000)).toBe(true);
  });
});
