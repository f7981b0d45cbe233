/** The changes that both proxies get: each replaces, removes or adds one endpoint. */
import { ENDPOINTS, endpointAddress } from './world.ts';

const SEED = 20_260_101;

export interface Change {
  readonly service: number;
  /** The endpoints of the Service after the change. */
  readonly addresses: readonly string[];
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

export class Churn {
  readonly #services: number;
  readonly #now = new Map<number, string[]>();
  #state = SEED;
  #turn = 0;

  constructor(services: number) {
    this.#services = services;
  }

  /** Never the first Service, which the bench dials. */
  next(): Change {
    return this.#change(1 + (this.#random() % (this.#services - 1)));
  }

  /** Changes this many endpoints, over the whole cluster; one change per Service, with its final state. */
  burst(count: number): Change[] {
    const last = new Map<number, Change>();
    for (let i = 0; i < count; i++) {
      const change = this.#change(1 + (i % (this.#services - 1)));
      const before = last.get(change.service);
      last.set(change.service, before === undefined ? change : joined(before, change));
    }
    return [...last.values()];
  }

  #change(service: number): Change {
    const now = this.#now.get(service) ?? Array.from({ length: ENDPOINTS }, (_, i) => endpointAddress(service, i));
    const kind = this.#turn++ % 3;
    const full = now.length >= ENDPOINTS;
    const take = kind === 0 || full ? now[this.#random() % now.length] : undefined;
    const give = kind === 0 || !full ? this.#free(service, now) : undefined;
    const addresses = now.filter(address => address !== take);
    if (give !== undefined) addresses.push(give);
    this.#now.set(service, addresses);
    return {
      service,
      addresses,
      removed: take === undefined ? [] : [take],
      added: give === undefined ? [] : [give],
    };
  }

  #free(service: number, now: readonly string[]): string | undefined {
    const all = Array.from({ length: 16 }, (_, i) => endpointAddress(service, i));
    const free = all.filter(address => !now.includes(address));
    return free[this.#random() % free.length];
  }

  /** The generator of Park and Miller: the same numbers on every machine. */
  #random(): number {
    this.#state = (this.#state * 48_271) % 2_147_483_647;
    return this.#state;
  }
}

function joined(a: Change, b: Change): Change {
  const removed = new Set([...a.removed, ...b.removed]);
  const added = new Set([...a.added, ...b.added]);
  return {
    service: b.service,
    addresses: b.addresses,
    removed: [...removed].filter(address => !added.has(address)),
    added: [...added].filter(address => !removed.has(address)),
  };
}
