/**
 * Copies bytes into memory of their own. Small Buffers share pools of 64 KB (Node 24): a cached one keeps its whole pool
 * in memory, and `postMessage` copies the whole pool.
 */
export function ownCopy(bytes: Uint8Array): Buffer<ArrayBuffer> {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
