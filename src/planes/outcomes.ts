import { messageOf } from '../errors.ts';
import type { RouteChange } from '../routing/index.ts';
import type { ApplyReport, Listener } from './plane.ts';

/** The report of an apply that failed as a whole. */
export function failedReport(
  changes: readonly RouteChange[],
  error: unknown,
  listenersOf: (change: RouteChange) => readonly Listener[] = () => [],
): ApplyReport {
  const failure = messageOf(error);
  return { failure, outcomes: changes.map(change => ({ change, listeners: listenersOf(change), failure })) };
}

/**
 * Wraps a callback so that it never throws: an exception in code that only logs or displays must not stop traffic. The
 * exception becomes a process warning.
 */
export function guarded<Parameters extends unknown[]>(
  callback: (...parameters: Parameters) => void,
): (...parameters: Parameters) => void {
  return (...parameters) => {
    try {
      callback(...parameters);
    } catch (error) {
      process.emitWarning(`a callback failed: ${messageOf(error)}`, 'SwitchboardWarning');
    }
  };
}
