import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fnv1a } from '../data/index.ts';
import { cidrContains, parseCidr } from '../net/index.ts';
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
    const first = PodAddresses.onLoopback('linux').take('default/web-0');
    expect(PodAddresses.onLoopback('linux').take('default/web-0')).toBe(first);
  });

  test('stays the same while the pod exists', () => {
    const addresses = PodAddresses.onLoopback('linux');
    expect(addresses.take('default/web-0')).toBe(addresses.take('default/web-0'));
  });

  test('avoids a taken address, which is free again after its release', () => {
    const [one, other] = twins();
    const addresses = PodAddresses.onLoopback('linux');
    const place = addresses.take(one);
    expect(addresses.take(other)).not.toBe(place);
    addresses.release(one);
    addresses.release(other);
    expect(addresses.take(other)).toBe(place);
  });

  test('is 127.0.0.1 where the machine has no other loopback address', () => {
    const addresses = PodAddresses.onLoopback('darwin');
    expect(['a', 'b'].map(pod => addresses.take(pod))).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  test('may be released without having been assigned', () => {
    expect(() => PodAddresses.onLoopback('linux').release('default/web-0')).not.toThrow();
  });
});

test('after any sequence of changes, addresses are unique, in 127.64.0.0/10, and do not end in .0 or .255', () => {
  const step = fc.record({ pod: fc.stringMatching(/^[a-z]{1,3}\/[a-z]{1,2}-\d$/), take: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), steps => {
      const addresses = PodAddresses.onLoopback('linux');
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
