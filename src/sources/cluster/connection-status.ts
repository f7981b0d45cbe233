import type { Kind } from '../../kube/index.ts';
import type { ApiError, ApiErrorReason } from './api-error.ts';
import type { ClusterEvent, KindStatus } from './options.ts';

export interface ConnectionStatusOptions {
  readonly kind: Kind;
  readonly plural: string;
  readonly where: string;
  readonly now: () => number;
  readonly onEvent: (event: ClusterEvent) => void;
}

/** The state of one kind's connection to the server: for health checks, and for events, at most one of each an outage. */
export class ConnectionStatus {
  readonly #options: ConnectionStatusOptions;
  #synced = false;
  #connected = false;
  #lastContactAt: number | undefined;
  #lastError: string | undefined;
  #outageSince: number | undefined;
  /** The event already reported in the current outage. */
  #reported: 'lost' | 'refused' | 'no-credentials' | undefined;

  constructor(options: ConnectionStatusOptions) {
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

  /** Records that the server sent something. */
  touch(): void {
    this.#lastContactAt = this.#options.now();
  }

  /** From now on the objects are up to date. */
  established(): void {
    this.#connected = true;
    const since = this.#outageSince;
    this.#outageSince = undefined;
    this.#lastError = undefined;
    const reported = this.#reported;
    this.#reported = undefined;
    if (since !== undefined && reported !== undefined) {
      this.#options.onEvent({ type: 'back', kind: this.#options.kind, afterMs: this.#options.now() - since });
    }
  }

  /** @returns whether this is the first time */
  synced(): boolean {
    const first = !this.#synced;
    this.#synced = true;
    return first;
  }

  /** The server answers, but the objects are out of date until the next list. */
  outdated(): void {
    this.#connected = false;
  }

  failed(error: ApiError): void {
    const { kind, now, onEvent } = this.#options;
    this.#connected = false;
    this.#lastError = error.message;
    this.#outageSince ??= now();
    const status = STATUS[error.reason];
    if (status !== undefined) {
      if (this.#reported === 'refused') return;
      this.#reported = 'refused';
      onEvent({ type: 'refused', kind, status, why: error.message, fix: this.#fixOf(status) });
    } else if (error.reason === 'no-credentials') {
      if (this.#reported === 'no-credentials') return;
      this.#reported = 'no-credentials';
      onEvent({ type: 'no-credentials', kind, why: error.message });
    } else if (this.#reported === undefined) {
      this.#reported = 'lost';
      onEvent({ type: 'lost', kind, why: error.message });
    }
  }

  #fixOf(status: 401 | 403): string {
    const { plural, where } = this.#options;
    if (status === 401) return 'check the credentials of the kubeconfig context: the API server does not accept them';
    return `allow this user to list and watch ${plural} ${where}; "switchboard rbac" prints the ClusterRole`;
  }
}

const STATUS: Partial<Record<ApiErrorReason, 401 | 403>> = { unauthorized: 401, forbidden: 403 };
