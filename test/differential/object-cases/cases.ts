/** How cases are written: a valid object, and changes to it. */
import type { Case } from '../compare.ts';
import { type Change, changed, changesText } from '../mutate.ts';

export type { Case, Change };

export const each = (path: string, values: readonly unknown[]): readonly Change[][] =>
  values.map(value => [[path, value]]);
export const LONG = 'a'.repeat(64);

export function casesOf(kind: string, base: unknown, changes: readonly Change[][]): readonly Case[] {
  return [
    { name: kind, object: base },
    ...changes.map(list => ({ name: `${kind}: ${changesText(list)}`, object: changed(base, list) })),
  ];
}
