import { fnv1a } from '../kube/hash.ts';

/**
 * 32 bits that depend on the text alone, so that what is derived from them is the same in every run: FNV-1a, then
 * the finalizer of MurmurHash3, since FNV's own high bits barely move with the last characters.
 */
export function stableHash(text: string): number {
  let hash = fnv1a(text);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
