import { SwitchboardError } from '../../errors.ts';
import type { Link } from '../../link/index.ts';

export interface OpenLinksOptions {
  /** How long the process that the user started may take until its first link, and to come back. */
  readonly aloneMs: number;
  /** Called when that time has passed without a link. */
  readonly onAlone: () => void;
}

/** The links that are open. That process may open several, to find the best way, and keep any of them. */
export class OpenLinks {
  readonly #options: OpenLinksOptions;
  readonly #links = new Set<Link>();
  #alone: NodeJS.Timeout;

  constructor(options: OpenLinksOptions) {
    this.#options = options;
    this.#alone = this.#startTimer();
  }

  add(link: Link): void {
    this.#links.add(link);
    clearTimeout(this.#alone);
    void link.closed.then(() => {
      this.#links.delete(link);
      if (this.#links.size === 0) this.#alone = this.#startTimer();
    });
  }

  /** The one that was opened last. @throws SWB_GATEWAY if none is open */
  get current(): Link {
    const link = [...this.#links].at(-1);
    if (link === undefined) throw new SwitchboardError('SWB_GATEWAY', 'no link is open');
    return link;
  }

  #startTimer(): NodeJS.Timeout {
    return setTimeout(this.#options.onAlone, this.#options.aloneMs);
  }
}
