import type { Balance } from './options.ts';

/** An endpoint of one route and its counters. Lives as long as the endpoint does, across updates. */
export interface PoolEndpoint {
  /** `address:port` */
  readonly id: string;
  readonly address: string;
  readonly port: number;
  /** Connections (UDP: flows) that are open now, including those that are being dialed. */
  active: number;
  /** Connections (UDP: flows) since the route was created. */
  connectionsTotal: number;
}

/** Chooses among the endpoints of one route. */
export class Balancer {
  readonly #balance: Balance;
  readonly #random: () => number;
  #turn = 0;

  constructor(balance: Balance, random: () => number) {
    this.#balance = balance;
    this.#random = random;
  }

  /** @param usable filters the endpoints; undefined: all are usable */
  choose(endpoints: readonly PoolEndpoint[], usable?: (endpoint: PoolEndpoint) => boolean): PoolEndpoint | undefined {
    const candidates = usable === undefined ? endpoints : endpoints.filter(usable);
    if (candidates.length <= 1) return candidates[0];
    switch (this.#balance) {
      case 'random':
        return candidates[this.#below(candidates.length)];
      case 'round-robin':
        return candidates[this.#turn++ % candidates.length];
      case 'least-connections':
        return this.#lessBusyOfTwo(candidates);
    }
  }

  /** Picks two at random and takes the less busy one: in practice as good as the least busy of all, and O(1). */
  #lessBusyOfTwo(endpoints: readonly PoolEndpoint[]): PoolEndpoint | undefined {
    const first = this.#below(endpoints.length);
    let second = this.#below(endpoints.length - 1);
    if (second >= first) second++;
    const a = endpoints[first];
    const b = endpoints[second];
    return a !== undefined && b !== undefined && b.active < a.active ? b : a;
  }

  #below(count: number): number {
    return Math.min(count - 1, Math.floor(this.#random() * count));
  }
}
