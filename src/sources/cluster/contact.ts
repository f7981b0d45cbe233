import type { Kind } from '../../kube/objects.ts';
import type { FailureReason, RequestFailure } from './failure.ts';
import type { ClusterEvent, KindStatus } from './options.ts';

export interface ContactOptions {
  readonly kind: Kind;
  readonly plural: string;
  readonly where: string;
  readonly now: () => number;
  readonly onEvent: (event: ClusterEvent) => void;
}

/** How things stand between one kind and the server: what health asks for, and what is worth saying, once an outage. */
export class Contact {
  readonly #options: ContactOptions;
  #synced = false;
  #connected = false;
  #lastContactAt: number | undefined;
  #lastError: string | undefined;
  #outageSince: number | undefined;
  /** What was said in the present outage. */
  #said: 'lost' | 'refused' | undefined;

  constructor(options: ContactOptions) {
    this.#options = options;
  }

  get status(): KindStatus {
    return {
      synced: this.#synced,
      connected: this.#connected,
      lastContactAt: this.#lastContactAt,
      lastError: this.#lastError,
    };
  }

  /** Anything came from the server. */
  touch(): void {
    this.#lastContactAt = this.#options.now();
  }

  /** What is known is up to date from now on. */
  established(): void {
    this.#connected = true;
    const since = this.#outageSince;
    this.#outageSince = undefined;
    this.#lastError = undefined;
    const said = this.#said;
    this.#said = undefined;
    if (since !== undefined && said !== undefined) {
      this.#options.onEvent({ type: 'back', kind: this.#options.kind, afterMs: this.#options.now() - since });
    }
  }

  /** @returns whether it is for the first time */
  synced(): boolean {
    const first = !this.#synced;
    this.#synced = true;
    return first;
  }

  /** The server is there, but what is known is of before, until the next list. */
  outdated(): void {
    this.#connected = false;
  }

  failed(failure: RequestFailure): void {
    const { kind, now, onEvent } = this.#options;
    this.#connected = false;
    this.#lastError = failure.message;
    this.#outageSince ??= now();
    const status = STATUS[failure.reason];
    if (status !== undefined) {
      if (this.#said === 'refused') return;
      this.#said = 'refused';
      onEvent({ type: 'refused', kind, status, why: failure.message, fix: this.#fixOf(status) });
    } else if (this.#said === undefined) {
      this.#said = 'lost';
      onEvent({ type: 'lost', kind, why: failure.message });
    }
  }

  #fixOf(status: 401 | 403): string {
    const { plural, where } = this.#options;
    if (status === 401) return 'check the credentials of the context: the API server does not know who is asking';
    return `let this user list and watch ${plural} ${where}; "switchboard rbac" prints the rules`;
  }
}

const STATUS: Partial<Record<FailureReason, 401 | 403>> = { unauthorized: 401, forbidden: 403 };
