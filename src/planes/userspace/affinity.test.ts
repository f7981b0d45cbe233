import { describe, expect, it } from 'vitest';
import { Affinity } from './affinity.ts';

describe('Affinity', () => {
  it('counts the timeout from the last new connection', () => {
    const affinity = new Affinity();
    affinity.remember('10.0.0.1', 'a', 100, 0);
    expect(affinity.recall('10.0.0.1', 100, 99)).toBe('a');
    affinity.remember('10.0.0.1', 'a', 100, 99);
    expect(affinity.recall('10.0.0.1', 100, 198)).toBe('a');
    expect(affinity.recall('10.0.0.1', 100, 199)).toBeUndefined();
    expect(affinity.recall('10.0.0.2', 100, 0)).toBeUndefined();
  });

  it('removes expired entries', () => {
    const affinity = new Affinity();
    for (let i = 0; i < 50; i++) affinity.remember(`10.0.0.${i}`, 'a', 100, i);
    affinity.remember('10.0.1.1', 'a', 100, 130);
    expect(affinity.size).toBe(20);
  });

  it('is bounded and forgets the least recent client', () => {
    const affinity = new Affinity(3);
    for (const client of ['a', 'b', 'c', 'a', 'd']) affinity.remember(client, 't', 1_000, 0);
    expect(affinity.size).toBe(3);
    expect(affinity.recall('b', 1_000, 0)).toBeUndefined();
    expect(affinity.recall('a', 1_000, 0)).toBe('t');
  });
});
