/**
 * Errors of requests to an API server, classified by how the caller reacts.
 *
 * @module
 */
import { messageOf, SwitchboardError, systemCodeOf } from '../../errors.ts';

/**
 * - `expired`: the server does not have the requested resource version any more, or not yet: list again
 * - `unsupported`: the server does not support the request's parameters
 * - `absent`: the server does not have the kind
 * - `unauthorized`, `forbidden`: 401 and 403
 * - `no-credentials`: the server was not contacted, since a file, an exec plugin or an issuer gave no credentials
 * - `busy`: 429, 5xx: retry later
 * - `garbage`: the response is not an API server's
 * - `lost`: no connection, a broken connection, or no data within the timeout
 */
export type ApiErrorReason =
  | 'expired'
  | 'unsupported'
  | 'absent'
  | 'unauthorized'
  | 'forbidden'
  | 'no-credentials'
  | 'busy'
  | 'garbage'
  | 'lost';

export class ApiError extends Error {
  readonly reason: ApiErrorReason;
  /** 0 if the server sent none. */
  readonly retryAfterMs: number;

  constructor(reason: ApiErrorReason, message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ApiError';
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}

const UNSUPPORTED = [400, 405, 406, 415, 422];

/** @param status an HTTP status, or the `code` of a Status object in a stream */
export function errorOfStatus(status: number, body: unknown, retryAfter?: string): ApiError {
  const message = textAt(body, 'message') ?? `the API server answered ${status}`;
  return new ApiError(reasonOfStatus(status, body), message, { retryAfterMs: retryAfterMs(body, retryAfter) });
}

function reasonOfStatus(status: number, body: unknown): ApiErrorReason {
  const reason = textAt(body, 'reason');
  if (status === 410 || reason === 'Expired' || reason === 'Gone' || isAheadOfServer(body)) return 'expired';
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'absent';
  return UNSUPPORTED.includes(status) ? 'unsupported' : 'busy';
}

/** A server restored from a backup, or a lagging replica, reports this as a cause of its 504. */
function isAheadOfServer(body: unknown): boolean {
  const causes = at(at(body, 'details'), 'causes');
  return Array.isArray(causes) && causes.some(cause => textAt(cause, 'reason') === 'ResourceVersionTooLarge');
}

function retryAfterMs(body: unknown, header: string | undefined): number {
  const seconds = header === undefined ? at(at(body, 'details'), 'retryAfterSeconds') : Number(header);
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}

/** Converts anything that sockets, TLS, plugins or gunzip throw. */
export function apiErrorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const system = systemCodeOf(error);
  if (system?.startsWith('Z_') === true) {
    return new ApiError('garbage', `the response cannot be decompressed: ${messageOf(error)}`, { cause: error });
  }
  // Node.js' own messages are "aborted" and "socket hang up".
  if (system === 'ECONNRESET') return new ApiError('lost', 'the connection was cut', { cause: error });
  return new ApiError('lost', messageOf(error) || (system ?? 'the connection failed'), { cause: error });
}

/** The error for a command that reads a cluster once and does not retry. */
export function loadError(error: ApiError, server: string): SwitchboardError {
  if (error.reason === 'no-credentials') {
    const message = `cannot get credentials for the API server ${server}: ${error.message}`;
    return new SwitchboardError('SWB_KUBECONFIG', message, { cause: error, details: { server } });
  }
  const refused = error.reason === 'unauthorized' || error.reason === 'forbidden';
  const message = refused
    ? `the API server ${server} refuses access: ${error.message}`
    : `the API server ${server} cannot be read: ${error.message}`;
  return new SwitchboardError(refused ? 'SWB_CLUSTER_REFUSED' : 'SWB_CLUSTER_UNREACHABLE', message, {
    cause: error,
    details: { server, reason: error.reason },
  });
}

export function at(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}

export function textAt(value: unknown, name: string): string | undefined {
  const found = at(value, name);
  return typeof found === 'string' && found !== '' ? found : undefined;
}
