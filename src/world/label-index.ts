import type { Labels, ObjectKey } from '../kube/index.ts';

/** Keys of objects by a `label=value` pair within a namespace. */
export class LabelIndex {
  readonly #keys = new Map<string, Set<ObjectKey>>();

  add(namespace: string, pairs: Iterable<readonly [string, string]>, key: ObjectKey): void {
    for (const pair of pairs) {
      const id = pairId(namespace, pair);
      const keys = this.#keys.get(id);
      if (keys === undefined) this.#keys.set(id, new Set([key]));
      else keys.add(key);
    }
  }

  remove(namespace: string, pairs: Iterable<readonly [string, string]>, key: ObjectKey): void {
    for (const pair of pairs) {
      const id = pairId(namespace, pair);
      const keys = this.#keys.get(id);
      if (keys?.delete(key) && keys.size === 0) this.#keys.delete(id);
    }
  }

  with(namespace: string, pair: readonly [string, string]): ReadonlySet<ObjectKey> {
    return this.#keys.get(pairId(namespace, pair)) ?? NOTHING;
  }

  /** A set that contains every object with all the labels, as small as the index allows; the caller tests the candidates. */
  candidates(namespace: string, labels: Labels): ReadonlySet<ObjectKey> {
    let best: ReadonlySet<ObjectKey> | undefined;
    for (const pair of Object.entries(labels)) {
      const keys = this.with(namespace, pair);
      if (best === undefined || keys.size < best.size) best = keys;
    }
    return best ?? NOTHING;
  }
}

const NOTHING: ReadonlySet<ObjectKey> = new Set();

function pairId(namespace: string, [label, value]: readonly [string, string]): string {
  return `${namespace}\n${label}\n${value}`;
}

/** Sets of keys in a map; a set that becomes empty is removed. */
export class KeyIndex {
  readonly #keys = new Map<string, Set<ObjectKey>>();

  add(group: string, key: ObjectKey): void {
    const keys = this.#keys.get(group);
    if (keys === undefined) this.#keys.set(group, new Set([key]));
    else keys.add(key);
  }

  remove(group: string, key: ObjectKey): void {
    const keys = this.#keys.get(group);
    if (keys?.delete(key) && keys.size === 0) this.#keys.delete(group);
  }

  of(group: string): ReadonlySet<ObjectKey> {
    return this.#keys.get(group) ?? NOTHING;
  }
}
