import { fnv1a } from '../data/index.ts';

/**
 * A 32-bit hash that is the same in every run: FNV-1a, then the finalizer of MurmurHash3, since the high bits of FNV
 * barely depend on the last characters.
 */
export function stableHash(text: string): number {
  let hash = fnv1a(text);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
