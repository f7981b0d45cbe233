/**
 * Finds the changes that make a batch fail, by checking halves of it. One bad change among N costs about 2 log2 N checks.
 *
 * @param check returns what is wrong with a part of the batch, or undefined
 * @returns each bad change with what is wrong with it; empty if every part passes and only the whole batch fails
 */
export async function bisect<T>(
  batch: readonly T[],
  check: (part: readonly T[]) => Promise<string | undefined>,
): Promise<Map<T, string>> {
  const found = new Map<T, string>();
  const search = async (part: readonly T[]): Promise<void> => {
    const reason = part.length === 0 ? undefined : await check(part);
    if (reason === undefined) return;
    const [only] = part;
    if (part.length === 1 && only !== undefined) {
      found.set(only, reason);
      return;
    }
    const middle = Math.ceil(part.length / 2);
    await search(part.slice(0, middle));
    await search(part.slice(middle));
  };
  await search(batch);
  return found;
}
