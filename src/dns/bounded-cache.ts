export interface CacheOptions<K, V> {
  /** What an entry counts, in the unit of `maxSize`: bytes, for one. The same value counts the same each time. */
  readonly sizeOf: (key: K, value: V) => number;
  readonly maxSize: number;
  /** At least 2. */
  readonly maxEntries?: number;
  /** A larger entry is not kept; half of `maxSize` by default. */
  readonly maxEntrySize?: number;
}

/**
 * A cache with a bound on its size, which drops what was not read for longest. It has two generations: when the young
 * one is full it becomes the old one, and what nobody has read since the last such change is dropped with the old one
 * before it. So nothing is ever sorted or searched, and a read costs one or two look-ups.
 */
export class BoundedCache<K, V> {
  readonly #options: CacheOptions<K, V>;
  readonly #maxYoungSize: number;
  readonly #maxYoungEntries: number;
  readonly #maxEntrySize: number;
  #young = new Map<K, V>();
  #youngSize = 0;
  #old = new Map<K, V>();
  #oldSize = 0;

  constructor(options: CacheOptions<K, V>) {
    this.#options = options;
    this.#maxYoungSize = options.maxSize / 2;
    this.#maxEntrySize = Math.min(options.maxEntrySize ?? Number.POSITIVE_INFINITY, this.#maxYoungSize);
    this.#maxYoungEntries = Math.max(1, Math.floor((options.maxEntries ?? Number.POSITIVE_INFINITY) / 2));
  }

  get entries(): number {
    return this.#young.size + this.#old.size;
  }

  get size(): number {
    return this.#youngSize + this.#oldSize;
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  /** Keeps a value, unless it is too large. */
  set(key: K, value: V): void {
    const size = this.#options.sizeOf(key, value);
    this.#deleteOld(key);
    if (size > this.#maxEntrySize) {
      this.#deleteYoung(key);
      return;
    }
    // Overwritten in place: a Map's deleted entries stay in their chain until it is made again (Node 24).
    const before = this.#young.get(key);
    if (before !== undefined) this.#youngSize -= this.#options.sizeOf(key, before);
    const full = before === undefined && this.#young.size >= this.#maxYoungEntries;
    if (full || this.#youngSize + size > this.#maxYoungSize) this.#age(key);
    this.#young.set(key, value);
    this.#youngSize += size;
  }

  delete(key: K): void {
    this.#deleteYoung(key);
    this.#deleteOld(key);
  }

  /** @param key is about to be set, and is not counted any more */
  #age(key: K): void {
    this.#young.delete(key);
    this.#old = this.#young;
    this.#oldSize = this.#youngSize;
    this.#young = new Map();
    this.#youngSize = 0;
  }

  #deleteYoung(key: K): void {
    const value = this.#young.get(key);
    if (value !== undefined) this.#youngSize -= this.#options.sizeOf(key, value);
    this.#young.delete(key);
  }

  #deleteOld(key: K): void {
    const value = this.#old.get(key);
    if (value !== undefined) this.#oldSize -= this.#options.sizeOf(key, value);
    this.#old.delete(key);
  }
}
