/**
 * ClientIP affinity of one route: which endpoint a client had last. The time-out counts from the client's last new
 * connection, so the entries stand in the order in which they run out and sweeping costs what is swept.
 */
export class Affinity {
  readonly #limit: number;
  readonly #entries = new Map<string, { readonly target: string; readonly at: number }>();

  /** `limit`: clients remembered; beyond it the one that came longest ago is forgotten. */
  constructor(limit = 65_536) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The id of the target that the client had, unless that is too long ago. */
  recall(client: string, timeoutMs: number, now: number): string | undefined {
    const entry = this.#entries.get(client);
    if (entry === undefined) return undefined;
    if (now - entry.at < timeoutMs) return entry.target;
    this.#entries.delete(client);
    return undefined;
  }

  remember(client: string, target: string, timeoutMs: number, now: number): void {
    this.#entries.delete(client);
    this.#entries.set(client, { target, at: now });
    for (const [oldest, entry] of this.#entries) {
      if (now - entry.at < timeoutMs && this.#entries.size <= this.#limit) break;
      this.#entries.delete(oldest);
    }
  }

  clear(): void {
    this.#entries.clear();
  }
}
