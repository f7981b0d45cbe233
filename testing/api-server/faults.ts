/** What the server is to do wrong, until it is told to stop. */
export interface Refusal {
  readonly status: number;
  readonly reason?: string;
  readonly message?: string;
  readonly retryAfterSeconds?: number;
  /** How many requests; all of them if it is left out. */
  readonly times?: number;
  /** Only requests for this collection: `services`. */
  readonly plural?: string;
  /** Only those whose query has it: `watch`, `continue`. */
  readonly having?: string;
}

interface Standing {
  readonly refusal: Refusal;
  left: number;
}

export class Faults {
  #refusals: Standing[] = [];
  /** Takes requests and never answers, and lets watches fall silent. */
  stalled = false;
  /** Cuts a watch as soon as it is open. */
  cutsWatches = false;
  /** Bytes at a time, each in a turn of the event loop of its own; 0: as much as there is. */
  bytesAtATime = 0;
  /** Sends these words in place of a list. */
  listText: string | undefined;
  /** Collections whose changes wait, so that others overtake them. */
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
