import type { IpFamily } from '../../kube/protocol.ts';
import { tableOf } from './layout.ts';

/** Set or map -> key -> data; sets have `''` for data. Chains are kept the same way, under `CHAINS`. */
export type Elements = Map<string, Map<string, string>>;

/** Not the name of a set: chains that come and go with the elements that lead to them. */
export const CHAINS = 'chains';

interface Edit {
  /** What the kernel has under the key; undefined: nothing. */
  before?: string;
  /** What it is to have. */
  after?: string;
}

/**
 * The net difference that a batch makes to one table. `remove` always speaks of what was there before the batch, `add`
 * of what is to be there after it, so their order does not matter and a frontend may move from one route to another.
 */
export class Edits {
  readonly #sets = new Map<string, Map<string, Edit>>();

  remove(set: string, key: string, data = ''): void {
    this.#edit(set, key).before = data;
  }

  add(set: string, key: string, data = ''): void {
    this.#edit(set, key).after = data;
  }

  /** How many elements differ. */
  get size(): number {
    let size = 0;
    for (const edits of this.#sets.values()) {
      for (const edit of edits.values()) if (edit.before !== edit.after) size++;
    }
    return size;
  }

  /** Every element that differs. */
  *differences(): Generator<{ set: string; key: string; before?: string; after?: string }> {
    for (const [set, edits] of this.#sets) {
      for (const [key, edit] of edits) if (edit.before !== edit.after) yield { set, key, ...edit };
    }
  }

  /**
   * The commands that make the difference: chains before what leads to them, removals before additions, and chains
   * that nothing leads to any more at the end.
   *
   * @param rulesOf the rules of a chain by its name
   */
  commands(family: IpFamily, rulesOf: (chain: string) => readonly string[]): string {
    const table = tableOf(family);
    const created: string[] = [];
    const deleted: string[] = [];
    for (const [name, edit] of this.#sets.get(CHAINS) ?? []) {
      if (edit.before === edit.after) continue;
      if (edit.after === undefined) deleted.push(name);
      else created.push(name);
    }
    // What a chain goes to has the shorter name: `near` comes before the `local` that leads to it, and goes after it.
    created.sort(byNeed);
    deleted.sort((a, b) => byNeed(b, a));
    const removals: string[] = [];
    const additions: string[] = [];
    for (const [set, edits] of this.#sets) {
      if (set === CHAINS) continue;
      const gone: string[] = [];
      const come: string[] = [];
      for (const [key, { before, after }] of edits) {
        if (before === after) continue;
        if (before !== undefined) gone.push(key);
        if (after !== undefined) come.push(after === '' ? key : `${key} : ${after}`);
      }
      if (gone.length > 0) removals.push(`delete element ${table} ${set} { ${gone.join(', ')} }`);
      if (come.length > 0) additions.push(`add element ${table} ${set} { ${come.join(', ')} }`);
    }
    const lines = [
      ...created.flatMap(name => [
        `add chain ${table} ${name}`,
        ...rulesOf(name).map(rule => `add rule ${table} ${name} ${rule}`),
      ]),
      ...removals,
      ...additions,
      ...deleted.flatMap(name => [`flush chain ${table} ${name}`]),
      ...deleted.map(name => `delete chain ${table} ${name}`),
    ];
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }

  #edit(set: string, key: string): Edit {
    let edits = this.#sets.get(set);
    if (edits === undefined) {
      edits = new Map();
      this.#sets.set(set, edits);
    }
    let edit = edits.get(key);
    if (edit === undefined) {
      edit = {};
      edits.set(key, edit);
    }
    return edit;
  }
}

function byNeed(a: string, b: string): number {
  const needs = Number(a.includes('-local-')) - Number(b.includes('-local-'));
  return needs !== 0 ? needs : a < b ? -1 : Number(a > b);
}
