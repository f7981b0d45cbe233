import { Throttle } from './throttle.ts';

/** A flow as the table sees it. The table strings them on a list of its own, from idlest to latest. */
export interface ListedFlow {
  lastUsed: number;
  idler: ListedFlow | undefined;
  later: ListedFlow | undefined;
  close(): void;
}

export interface FlowTableOptions {
  readonly limit: number;
  readonly idleMs: number;
  readonly now: () => number;
  /** Flows were closed to make room; `unreported`: how many since the last call. Once a burst. */
  readonly evicted: (unreported: number) => void;
}

/**
 * All UDP flows of a plane: bounded, the idlest closed first. A linked list, since a Map that is reordered at every
 * datagram rehashes itself again and again; its order also makes looking for idle flows cost what is found.
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

  /** Called by the flow as it closes. */
  remove(flow: ListedFlow): void {
    this.#unlink(flow);
    this.#size--;
    if (this.#size === 0) this.close();
  }

  /** Stops looking for idle flows; the flows belong to their ports. */
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
    flow.idler = this.#latest;
    flow.later = undefined;
    if (this.#latest === undefined) this.#idlest = flow;
    else this.#latest.later = flow;
    this.#latest = flow;
  }

  #unlink(flow: ListedFlow): void {
    if (flow.idler === undefined) this.#idlest = flow.later;
    else flow.idler.later = flow.later;
    if (flow.later === undefined) this.#latest = flow.idler;
    else flow.later.idler = flow.idler;
    flow.idler = undefined;
    flow.later = undefined;
  }
}
