/**
 * ClientIP affinity of one route: the last endpoint of each client. The timeout counts from the client's last new
 * connection, so entries are ordered by expiry and the sweep costs only what it removes.
 */
export class Affinity {
  readonly #limit: number;
  readonly #entries = new Map<string, { readonly target: string; readonly at: number }>();

  /** `limit`: the number of clients to remember; over it, the least recent client is forgotten. */
  constructor(limit = 65_536) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The id of the client's last endpoint, unless it has expired. */
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
