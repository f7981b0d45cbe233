/**
 * How many answers a client address gets in a second: an address in a UDP packet may be forged, and answers that were
 * never asked for are a flood to who has it. Counted in whole seconds, which forgets everybody at once and so needs no
 * clock of its own and no sweep.
 */
export class ClientRate {
  readonly #most: number;
  readonly #counts = new Map<string, number>();
  #second = 0;

  /** @param most answers in a second; Infinity: no bound */
  constructor(most: number) {
    this.#most = most;
  }

  /** Whether a client may have another answer. @param now milliseconds */
  allows(client: string, now: number): boolean {
    if (this.#most === Number.POSITIVE_INFINITY || isLoopback(client)) return true;
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#counts.clear();
    }
    // More addresses than that in a second are forged ones; they share one allowance.
    const known = this.#counts.has(client) || this.#counts.size < MOST_CLIENTS;
    const id = known ? client : '';
    const count = (this.#counts.get(id) ?? 0) + 1;
    this.#counts.set(id, count);
    return count <= this.#most;
  }
}

const MOST_CLIENTS = 65_536;

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
