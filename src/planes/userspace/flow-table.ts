import { Throttle } from './throttle.ts';

/** A flow in the table, which is a linked list from the idlest to the most recent flow. */
export interface ListedFlow {
  lastUsed: number;
  previous: ListedFlow | undefined;
  next: ListedFlow | undefined;
  close(): void;
}

export interface FlowTableOptions {
  readonly limit: number;
  readonly idleMs: number;
  readonly now: () => number;
  /** Called once per burst when flows are closed to make room; `unreported`: how many since the last call. */
  readonly evicted: (unreported: number) => void;
}

/**
 * All UDP flows of a plane. Over the limit it closes the idlest flow. It is a linked list because a Map that is reordered
 * for every datagram rehashes repeatedly; its order also makes the search for idle flows cost only what it finds.
 */
export class FlowTable {
  readonly #options: FlowTableOptions;
  readonly #throttle = new Throttle(1_000);
  #idlest: ListedFlow | undefined;
  #latest: ListedFlow | undefined;
  #size = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FlowTableOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#size;
  }

  add(flow: ListedFlow): void {
    if (this.#size >= this.#options.limit) {
      this.#idlest?.close();
      const unreported = this.#throttle.pass(this.#options.now());
      if (unreported !== undefined) this.#options.evicted(unreported);
    }
    this.#append(flow);
    this.#size++;
    const every = Math.max(50, this.#options.idleMs / 4);
    this.#timer ??= setInterval(() => this.#closeIdle(), every).unref();
  }

  touch(flow: ListedFlow): void {
    flow.lastUsed = this.#options.now();
    if (flow === this.#latest) return;
    this.#unlink(flow);
    this.#append(flow);
  }

  /** Called by a flow when it closes. */
  remove(flow: ListedFlow): void {
    this.#unlink(flow);
    this.#size--;
    if (this.#size === 0) this.close();
  }

  /** Stops the search for idle flows; the flows belong to their ports. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #closeIdle(): void {
    const before = this.#options.now() - this.#options.idleMs;
    while (this.#idlest !== undefined && this.#idlest.lastUsed <= before) this.#idlest.close();
  }

  #append(flow: ListedFlow): void {
    flow.lastUsed = this.#options.now();
    flow.previous = this.#latest;
    flow.next = undefined;
    if (this.#latest === undefined) this.#idlest = flow;
    else this.#latest.next = flow;
    this.#latest = flow;
  }

  #unlink(flow: ListedFlow): void {
    if (flow.previous === undefined) this.#idlest = flow.next;
    else flow.previous.next = flow.next;
    if (flow.next === undefined) this.#latest = flow.previous;
    else flow.next.previous = flow.previous;
    flow.previous = undefined;
    flow.next = undefined;
  }
}
