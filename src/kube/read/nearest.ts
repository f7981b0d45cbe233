/**
 * Returns the name that the user most likely meant: the same letters in another case or with `_` or `-`
 * (`target_port`), a few wrong letters, or a part of exactly one name.
 *
 * @returns undefined if no name is close enough
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const wanted = plain(name);
  let best: { name: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, plain(candidate));
    if (best === undefined || distance < best.distance) best = { name: candidate, distance };
  }
  const allowed = Math.min(3, Math.max(1, Math.floor(wanted.length / 3)));
  if (best !== undefined && best.distance <= allowed) return best.name;
  const longer = candidates.filter(candidate => isPartOf(wanted, plain(candidate)));
  return longer.length === 1 ? longer[0] : undefined;
}

/** `period` for periodSeconds: the start or end of a name. */
function isPartOf(part: string, name: string): boolean {
  return part.length >= 4 && (name.startsWith(part) || name.endsWith(part));
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '');
}

function editDistance(a: string, b: string): number {
  // Avoids quadratic cost for long names, which cannot be close anyway.
  if (Math.abs(a.length - b.length) > 3) return Number.POSITIVE_INFINITY;
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substituted = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substituted, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
