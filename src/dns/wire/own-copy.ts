/**
 * A copy with memory of its own, for bytes that are kept or sent to another thread. Small Buffers are parts of a pool of
 * 64 KB (Node 24): one that is kept keeps all of it, and one that is sent takes all of it along.
 */
export function ownCopy(bytes: Uint8Array): Buffer<ArrayBuffer> {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
