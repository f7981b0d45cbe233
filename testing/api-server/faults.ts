/** Faults that the server injects until the test ends them. */
export interface Refusal {
  readonly status: number;
  readonly reason?: string;
  readonly message?: string;
  readonly retryAfterSeconds?: number;
  /** The number of requests; default: all. */
  readonly times?: number;
  /** Only requests for this collection, such as `services`. */
  readonly plural?: string;
  /** Only requests whose query has this parameter: `watch`, `continue`. */
  readonly having?: string;
}

interface Standing {
  readonly refusal: Refusal;
  left: number;
}

export class Faults {
  #refusals: Standing[] = [];
  /** Accepts requests and never answers; watches stay silent. */
  stalled = false;
  /** Cuts a watch as soon as it opens. */
  cutsWatches = false;
  /** Writes this many bytes in each turn of the event loop; 0: everything at once. */
  bytesAtATime = 0;
  /** Sends this text in place of a list. */
  listText: string | undefined;
  /** Collections whose changes are held back, so that changes of others arrive first. */
  readonly held = new Set<string>();

  refuse(refusal: Refusal): void {
    this.#refusals.push({ refusal, left: refusal.times ?? Number.POSITIVE_INFINITY });
  }

  behave(): void {
    this.#refusals = [];
    this.stalled = false;
    this.cutsWatches = false;
    this.bytesAtATime = 0;
    this.listText = undefined;
  }

  refusalFor(plural: string, query: URLSearchParams): Refusal | undefined {
    const standing = this.#refusals.find(
      ({ refusal, left }) =>
        left > 0 &&
        (refusal.plural === undefined || refusal.plural === plural) &&
        (refusal.having === undefined || query.has(refusal.having)),
    );
    if (standing === undefined) return undefined;
    standing.left -= 1;
    return standing.refusal;
  }
}
