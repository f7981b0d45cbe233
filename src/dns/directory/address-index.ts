import type { ObjectKey } from '../../kube/index.ts';

/** Most addresses belong to one object, and an array for each would take most of the memory. */
type Keys = ObjectKey | readonly ObjectKey[];

/** Maps addresses to the objects that have them. */
export class AddressIndex {
  readonly #keys = new Map<string, Keys>();

  /** Replaces the addresses of an object. */
  replace(key: ObjectKey, before: readonly string[], after: readonly string[]): void {
    for (const address of before)
      this.#set(
        address,
        this.at(address).filter(other => other !== key),
      );
    for (const address of after) if (!this.at(address).includes(key)) this.#set(address, [...this.at(address), key]);
  }

  at(address: string): readonly ObjectKey[] {
    const keys = this.#keys.get(address) ?? [];
    return typeof keys === 'string' ? [keys] : keys;
  }

  addresses(): Iterable<string> {
    return this.#keys.keys();
  }

  #set(address: string, keys: readonly ObjectKey[]): void {
    const [only] = keys;
    if (only === undefined) this.#keys.delete(address);
    else this.#keys.set(address, keys.length === 1 ? only : keys);
  }
}
