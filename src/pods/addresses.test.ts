import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cidrContains, parseCidr } from '../kube/address.ts';
import { fnv1a } from '../kube/hash.ts';
import { PodAddresses } from './addresses.ts';

const PODS = parseCidr('127.64.0.0/10');
const SPAN = 1 << 22;

/** Two names that want the same place. */
function twins(): [string, string] {
  const seen = new Map<number, string>();
  for (let i = 0; ; i += 1) {
    const name = `default/pod-${i}`;
    const place = fnv1a(name) % SPAN;
    const other = seen.get(place);
    if (other !== undefined) return [other, name];
    seen.set(place, name);
  }
}

describe("a pod's address", () => {
  test('is the same in every run', () => {
    const first = new PodAddresses('linux').take('default/web-0');
    expect(new PodAddresses('linux').take('default/web-0')).toBe(first);
  });

  test('stays while the pod has it', () => {
    const addresses = new PodAddresses('linux');
    expect(addresses.take('default/web-0')).toBe(addresses.take('default/web-0'));
  });

  test('is another one if the place is taken, and the place is free again when it is released', () => {
    const [one, other] = twins();
    const addresses = new PodAddresses('linux');
    const place = addresses.take(one);
    expect(addresses.take(other)).not.toBe(place);
    addresses.release(one);
    addresses.release(other);
    expect(addresses.take(other)).toBe(place);
  });

  test('is 127.0.0.1 where only that one is of this machine', () => {
    const addresses = new PodAddresses('darwin');
    expect(['a', 'b'].map(pod => addresses.take(pod))).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  test('is released without having been taken', () => {
    expect(() => new PodAddresses('linux').release('default/web-0')).not.toThrow();
  });
});

test('whatever comes and goes, addresses are unique, in 127.64.0.0/10, and never end in .0 or .255', () => {
  const step = fc.record({ pod: fc.stringMatching(/^[a-z]{1,3}\/[a-z]{1,2}-\d$/), take: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), steps => {
      const addresses = new PodAddresses('linux');
      const held = new Map<string, string>();
      for (const { pod, take } of steps) {
        if (!take) {
          addresses.release(pod);
          held.delete(pod);
          continue;
        }
        const address = addresses.take(pod);
        expect(held.get(pod) ?? address).toBe(address);
        held.set(pod, address);
        expect(PODS !== undefined && cidrContains(PODS, address)).toBe(true);
        expect(address).not.toMatch(/\.(0|255)$/);
      }
      expect(new Set(held.values()).size).toBe(held.size);
    }),
  );
});
