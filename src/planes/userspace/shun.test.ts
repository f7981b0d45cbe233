import { describe, expect, it } from 'vitest';
import { Shun } from './shun.ts';

describe('Shun', () => {
  it('grows from 1 s to 10 s while faults go on', () => {
    const shun = new Shun();
    let now = 0;
    const steps: number[] = [];
    for (let i = 0; i < 6; i++) {
      const step = shun.fail('a', now);
      steps.push(step);
      expect(shun.shuns('a', now + step - 1)).toBe(true);
      now += step;
      expect(shun.shuns('a', now)).toBe(false);
    }
    expect(steps).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  it('takes faults of one moment for one', () => {
    const shun = new Shun();
    expect(shun.fail('a', 0)).toBe(1_000);
    expect(shun.fail('a', 10)).toBe(0);
    expect(shun.shuns('a', 1_000)).toBe(false);
  });

  it('forgives at the first answer, and after a long while', () => {
    const shun = new Shun();
    shun.fail('a', 0);
    shun.succeed('a');
    expect(shun.shuns('a', 1)).toBe(false);
    expect(shun.fail('a', 2)).toBe(1_000);
    expect(shun.fail('a', 100_000)).toBe(1_000);
  });

  it('is quiet when nobody is shunned', () => {
    const shun = new Shun();
    expect(shun.quiet(0)).toBe(true);
    shun.fail('a', 0);
    expect(shun.quiet(999)).toBe(false);
    expect(shun.quiet(1_000)).toBe(true);
  });
});
