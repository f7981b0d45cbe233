/**
 * Limits the responses per second to a client address. The source address of a UDP packet may be forged, and its owner
 * would be flooded. Counts in whole seconds, which needs neither a timer nor a sweep.
 */
export class ClientRate {
  readonly #max: number;
  readonly #counts = new Map<string, number>();
  #second = 0;

  /** @param max responses per second; Infinity for no limit */
  constructor(max: number) {
    this.#max = max;
  }

  /** Whether a client may get another response. @param now milliseconds */
  allows(client: string, now: number): boolean {
    if (this.#max === Number.POSITIVE_INFINITY || isLoopback(client)) return true;
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#counts.clear();
    }
    // More addresses in a second are forged; they share one allowance.
    const known = this.#counts.has(client) || this.#counts.size < MAX_CLIENTS;
    const id = known ? client : '';
    const count = (this.#counts.get(id) ?? 0) + 1;
    this.#counts.set(id, count);
    return count <= this.#max;
  }
}

const MAX_CLIENTS = 65_536;

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
