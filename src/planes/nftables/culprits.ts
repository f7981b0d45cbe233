/**
 * Finds the changes that make a batch fail: halves that pass are left alone, halves that fail are parted again. One
 * culprit among N costs about 2 log2 N checks.
 *
 * @param refusal what is wrong with a part of the batch, or undefined if nothing is
 * @returns culprit -> what is wrong with it; empty if the parts pass and only the whole does not
 */
export async function culprits<T>(
  batch: readonly T[],
  refusal: (part: readonly T[]) => Promise<string | undefined>,
): Promise<Map<T, string>> {
  const found = new Map<T, string>();
  const search = async (part: readonly T[]): Promise<void> => {
    const reason = part.length === 0 ? undefined : await refusal(part);
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
