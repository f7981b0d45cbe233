import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Balancer, type PoolEndpoint } from './balancer.ts';

const target = (id: string, active = 0): PoolEndpoint => ({ id, address: id, port: 80, active, connectionsTotal: 0 });
const targets = ['a', 'b', 'c'].map(id => target(id));

describe('Balancer', () => {
  it('chooses nothing from an empty list', () => {
    for (const balance of ['random', 'round-robin', 'least-connections'] as const) {
      expect(new Balancer(balance, Math.random).choose([])).toBeUndefined();
      expect(new Balancer(balance, Math.random).choose(targets, () => false)).toBeUndefined();
    }
  });

  it('round-robin takes endpoints in turn', () => {
    const balancer = new Balancer('round-robin', Math.random);
    expect([1, 2, 3, 4].map(() => balancer.choose(targets)?.id)).toEqual(['a', 'b', 'c', 'a']);
  });

  it('random takes the endpoint of the random number', () => {
    const chances = [0, 0.34, 0.99, 1];
    const balancer = new Balancer('random', () => chances.shift() ?? 0);
    expect([1, 2, 3, 4].map(() => balancer.choose(targets)?.id)).toEqual(['a', 'b', 'c', 'c']);
  });

  it('least-connections takes the less busy of two different endpoints', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.nat(5), { minLength: 2, maxLength: 8 }), fc.infiniteStream(random), (loads, chance) => {
        const busy = loads.map((active, i) => target(`t${i}`, active));
        const chosen = new Balancer('least-connections', () => chance.next().value ?? 0).choose(busy);
        // The busiest one is never taken, unless another is as busy.
        const most = Math.max(...loads);
        expect(chosen).toBeDefined();
        if (loads.filter(load => load === most).length === 1) expect(chosen?.active).toBeLessThan(most);
      }),
    );
  });

  it('skips endpoints that are not usable', () => {
    for (const balance of ['random', 'round-robin', 'least-connections'] as const) {
      const balancer = new Balancer(balance, Math.random);
      for (let i = 0; i < 20; i++) expect(balancer.choose(targets, t => t.id !== 'b')?.id).not.toBe('b');
    }
  });
});
