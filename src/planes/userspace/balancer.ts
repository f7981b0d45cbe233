import type { Balance } from './settings.ts';

/** An endpoint of one route, with what the route has given it. Lives as long as the endpoint does, across updates. */
export interface Target {
  /** `address:port` */
  readonly id: string;
  readonly address: string;
  readonly port: number;
  /** Connections (UDP: flows) that it carries now, those being dialled included. */
  active: number;
  /** Connections (UDP: flows) that it was given since the route was made. */
  given: number;
}

/** Chooses among the targets of one route. */
export class Balancer {
  readonly #balance: Balance;
  readonly #random: () => number;
  #turn = 0;

  constructor(balance: Balance, random: () => number) {
    this.#balance = balance;
    this.#random = random;
  }

  /** `usable` is asked only about targets that come into question; undefined: all are. */
  choose(targets: readonly Target[], usable?: (target: Target) => boolean): Target | undefined {
    const among = usable === undefined ? targets : targets.filter(usable);
    if (among.length <= 1) return among[0];
    switch (this.#balance) {
      case 'random':
        return among[this.#below(among.length)];
      case 'round-robin':
        return among[this.#turn++ % among.length];
      case 'least-connections':
        return this.#lessBusyOfTwo(among);
    }
  }

  /** Two at random and the less busy one: as good as the least of all in practice, and O(1). */
  #lessBusyOfTwo(targets: readonly Target[]): Target | undefined {
    const first = this.#below(targets.length);
    let second = this.#below(targets.length - 1);
    if (second >= first) second++;
    const a = targets[first];
    const b = targets[second];
    return a !== undefined && b !== undefined && b.active < a.active ? b : a;
  }

  #below(count: number): number {
    return Math.min(count - 1, Math.floor(this.#random() * count));
  }
}
