import type { SocketAddress } from '../../net/index.ts';
import type { Found } from '../answers.ts';
import type { StatisticsDelta } from '../statistics.ts';

/** What a worker thread starts with. */
export interface ThreadSetup {
  /** With actual ports. */
  readonly places: readonly SocketAddress[];
  /** The memory of `Epochs`. */
  readonly epochs: SharedArrayBuffer;
  readonly recursion: boolean;
  readonly ratePerClient: number;
  /** The `monotonicOrigin` of the main thread. */
  readonly clockOrigin: number;
}

/** An address that is not available. */
export interface ListenFailure {
  readonly place: SocketAddress;
  readonly protocol: 'UDP' | 'TCP';
  /** The system's error, with its `code`. */
  readonly error: unknown;
}

export type FromThread =
  | { readonly kind: 'listening' }
  | { readonly kind: 'refused'; readonly place: SocketAddress; readonly code: string | undefined; readonly why: string }
  /** A query, unchanged. */
  | { readonly kind: 'query'; readonly id: number; readonly message: Uint8Array }
  | { readonly kind: 'counts'; readonly counts: StatisticsDelta };

export type ToThread =
  | { readonly kind: 'answer'; readonly id: number; readonly found: Found | undefined }
  /** Requests `counts`. */
  | { readonly kind: 'count' };

/** When `performance.now()` of this thread was 0, in milliseconds on the clock that all threads share. */
export function monotonicOrigin(): number {
  return Number(process.hrtime.bigint()) / 1e6 - performance.now();
}
