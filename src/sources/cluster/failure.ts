/**
 * What can go wrong between this program and an API server, sorted by what is to be done about it.
 *
 * @module
 */
import { messageOf, SwitchboardError, systemCodeOf } from '../../errors.ts';

/**
 * - `expired`: the server no longer has (or not yet has) the resource version that was asked for: list again
 * - `unsupported`: the server does not know this way of asking
 * - `absent`: the server has no such kind
 * - `unauthorized`, `forbidden`: 401 and 403
 * - `busy`: 429, 5xx: later
 * - `garbage`: what came is no answer of an API server
 * - `lost`: no connection, a connection that broke, or one that fell silent
 */
export type FailureReason =
  | 'expired'
  | 'unsupported'
  | 'absent'
  | 'unauthorized'
  | 'forbidden'
  | 'busy'
  | 'garbage'
  | 'lost';

export class RequestFailure extends Error {
  readonly reason: FailureReason;
  /** Milliseconds; 0 if the server named none. */
  readonly retryAfterMs: number;

  constructor(reason: FailureReason, message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RequestFailure';
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}

const UNSUPPORTED = [400, 405, 406, 415, 422];

/** Of an HTTP status, or of the `code` of a Status object in a stream. */
export function failureOfStatus(status: number, body: unknown, retryAfter?: string): RequestFailure {
  const said = textAt(body, 'message');
  const message = said ?? `the API server answered ${status}`;
  return new RequestFailure(reasonOfStatus(status, body), message, { retryAfterMs: retryAfterMs(body, retryAfter) });
}

function reasonOfStatus(status: number, body: unknown): FailureReason {
  const reason = textAt(body, 'reason');
  if (status === 410 || reason === 'Expired' || reason === 'Gone' || isAheadOfServer(body)) return 'expired';
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'absent';
  return UNSUPPORTED.includes(status) ? 'unsupported' : 'busy';
}

/** A server that was restored from a backup, or a replica that lags, says so by a cause of its 504. */
function isAheadOfServer(body: unknown): boolean {
  const causes = at(at(body, 'details'), 'causes');
  return Array.isArray(causes) && causes.some(cause => textAt(cause, 'reason') === 'ResourceVersionTooLarge');
}

function retryAfterMs(body: unknown, header: string | undefined): number {
  const seconds = header === undefined ? at(at(body, 'details'), 'retryAfterSeconds') : Number(header);
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}

/** Anything thrown by sockets, TLS, plugins or gunzip, as a failure of this module. */
export function failureOf(error: unknown): RequestFailure {
  if (error instanceof RequestFailure) return error;
  const system = systemCodeOf(error);
  if (system?.startsWith('Z_') === true) {
    return new RequestFailure('garbage', `the answer does not unpack: ${messageOf(error)}`, { cause: error });
  }
  // What Node.js says of it is "aborted", or "socket hang up".
  if (system === 'ECONNRESET') return new RequestFailure('lost', 'the connection was cut', { cause: error });
  return new RequestFailure('lost', messageOf(error) || (system ?? 'the connection failed'), { cause: error });
}

/** What `load` throws where it may not wait: in one place, so that the codes are. */
export function loadError(failure: RequestFailure, server: string): SwitchboardError {
  const refused = failure.reason === 'unauthorized' || failure.reason === 'forbidden';
  const message = refused
    ? `the API server ${server} refuses: ${failure.message}`
    : `the API server ${server} cannot be read: ${failure.message}`;
  return new SwitchboardError(refused ? 'SWB_CLUSTER_REFUSED' : 'SWB_CLUSTER_UNREACHABLE', message, {
    cause: failure,
    details: { server, reason: failure.reason },
  });
}

export function at(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}

export function textAt(value: unknown, name: string): string | undefined {
  const found = at(value, name);
  return typeof found === 'string' && found !== '' ? found : undefined;
}
