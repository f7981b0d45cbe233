export interface CacheOptions<K, V> {
  /** The size of an entry in the unit of `maxSize`. Must return the same number for the same value. */
  readonly sizeOf: (key: K, value: V) => number;
  readonly maxSize: number;
  /** At least 2. */
  readonly maxEntries?: number;
  /** Larger entries are not cached. Default: half of `maxSize`. */
  readonly maxEntrySize?: number;
}

/**
 * A cache of limited size that drops entries which have not been read for long. It has two generations: a full young
 * generation replaces the old one, and reading an old entry makes it young again. This needs no sorting and no scans; a
 * read costs one or two lookups.
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

  /** Adds or replaces an entry, unless it is too large. */
  set(key: K, value: V): void {
    const size = this.#options.sizeOf(key, value);
    this.#deleteOld(key);
    if (size > this.#maxEntrySize) {
      this.#deleteYoung(key);
      return;
    }
    // Overwrite in place: deleted entries of a Map slow down lookups until it is rehashed (Node 24).
    const before = this.#young.get(key);
    if (before !== undefined) this.#youngSize -= this.#options.sizeOf(key, before);
    const full = before === undefined && this.#young.size >= this.#maxYoungEntries;
    if (full || this.#youngSize + size > this.#maxYoungSize) this.#startGeneration(key);
    this.#young.set(key, value);
    this.#youngSize += size;
  }

  delete(key: K): void {
    this.#deleteYoung(key);
    this.#deleteOld(key);
  }

  /** @param key about to be set, and no longer counted */
  #startGeneration(key: K): void {
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

/**
 * Copies bytes into memory of their own. Small Buffers share pools of 64 KB (Node 24): a cached one keeps its whole pool
 * in memory, and `postMessage` copies the whole pool.
 */
export function ownCopy(bytes: Uint8Array): Buffer<ArrayBuffer> {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
