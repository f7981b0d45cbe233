/**
 * Places endpoints in slots 0..N-1, keeping those that stay where they are: what leaves is replaced by what comes, and
 * then by the last. So one endpoint more or less is one element more or less, and at most one that moves.
 *
 * @param previous the slots so far; a hole is undefined
 * @param wanted without duplicates
 */
export function placeInSlots(previous: readonly (string | undefined)[], wanted: readonly string[]): string[] {
  const left = new Set(wanted);
  const slots: (string | undefined)[] = previous.map(endpoint =>
    endpoint !== undefined && left.delete(endpoint) ? endpoint : undefined,
  );
  let hole = 0;
  for (const endpoint of left) {
    while (hole < slots.length && slots[hole] !== undefined) hole++;
    slots[hole] = endpoint;
  }
  const placed: string[] = [];
  for (let i = 0; i < slots.length; i++) {
    const endpoint = slots[i] ?? takeLast(slots, i);
    if (endpoint === undefined) break;
    placed.push(endpoint);
  }
  return placed;
}

/** Removes the last endpoint behind `after`. */
function takeLast(slots: (string | undefined)[], after: number): string | undefined {
  while (slots.length > after + 1) {
    const last = slots.pop();
    if (last !== undefined) return last;
  }
  return undefined;
}
