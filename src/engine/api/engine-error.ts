import { messageOf, SwitchboardError, systemCodeOf } from '../../errors.ts';

/** Codes of the system that mean that the engine itself is gone, not that it refused. */
const GONE = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ENOTFOUND', 'EHOSTUNREACH', 'ETIMEDOUT']);

/** An answer of the engine that is not a success. */
export function refused(doing: string, status: number, reason: string): SwitchboardError {
  return new SwitchboardError('SWB_ENGINE', `cannot ${doing}: ${reason} (HTTP ${status})`, {
    details: { status, reason },
  });
}

/** No answer, or one that broke off. */
export function unanswered(doing: string, endpoint: string, cause: unknown): SwitchboardError {
  const code = systemCodeOf(cause);
  const gone = code !== undefined && GONE.has(code);
  const why = gone ? `the container engine at ${endpoint} does not answer (${code})` : messageOf(cause);
  return new SwitchboardError('SWB_ENGINE', `cannot ${doing}: ${why}`, { cause, details: { gone } });
}

/** The HTTP status with which the engine refused; undefined if it did not answer at all. */
export function engineStatus(error: unknown): number | undefined {
  if (!SwitchboardError.is(error)) return undefined;
  return typeof error.details.status === 'number' ? error.details.status : undefined;
}

/** The engine's own words. */
export function engineReason(error: unknown): string {
  if (!SwitchboardError.is(error)) return messageOf(error);
  return typeof error.details.reason === 'string' ? error.details.reason : error.message;
}

/** Whether the engine itself is gone: stopped, restarted, or its machine sleeps. */
export function isEngineGone(error: unknown): boolean {
  return SwitchboardError.is(error) && error.details.gone === true;
}

/** Returns undefined where the engine answers that the object does not exist. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  return unlessStatus(work, 404);
}

export async function unlessStatus<T>(work: Promise<T>, ...statuses: readonly number[]): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const status = engineStatus(error);
    if (status !== undefined && statuses.includes(status)) return undefined;
    throw error;
  }
}
