/**
 * Places endpoints in slots 0..N-1. Endpoints that stay keep their slots; a free slot is filled with a new endpoint, or
 * else with the last one. So one endpoint more or less costs one element, and at most one endpoint moves.
 *
 * @param previous the slots so far; an empty slot is undefined
 * @param wanted the endpoints, without duplicates
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
