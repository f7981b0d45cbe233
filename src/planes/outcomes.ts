import { messageOf } from '../errors.ts';
import type { RouteChange } from '../routing/index.ts';
import type { ApplyReport, Listener } from './plane.ts';

/** The report of an apply that made none of its changes, for one reason. */
export function failedReport(
  changes: readonly RouteChange[],
  error: unknown,
  listenersOf: (change: RouteChange) => readonly Listener[] = () => [],
): ApplyReport {
  const failure = messageOf(error);
  return { failure, outcomes: changes.map(change => ({ change, listeners: listenersOf(change), failure })) };
}

/**
 * A callback that never throws into its caller: an exception in code that only logs or displays must not stop traffic.
 * The exception becomes a warning of the process.
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
