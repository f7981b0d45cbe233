import { messageOf } from '../errors.ts';
import type { Container, LifecycleAction } from '../kube/index.ts';
import type { PodPlace } from './network.ts';
import { httpGet } from './probes/http-get.ts';
import { portNumber } from './probes/probe.ts';
import type { RunningProgram } from './program.ts';

export interface HookTarget {
  readonly program: Pick<RunningProgram, 'exec'>;
  readonly container: Container;
  readonly place: Pick<PodPlace, 'ip' | 'reach'>;
}

/**
 * Runs a postStart or preStop hook until it ends or is aborted. As in the kubelet, any answer to an HTTP request counts.
 *
 * @returns undefined on success, else the reason
 */
export async function runHook(
  action: LifecycleAction,
  target: HookTarget,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return await act(action, target, signal);
  } catch (error) {
    // The hook itself is invalid: a header that HTTP cannot carry, an argument that no program can get.
    return messageOf(error);
  }
}

async function act(action: LifecycleAction, target: HookTarget, signal: AbortSignal): Promise<string | undefined> {
  switch (action.kind) {
    case 'exec':
      return target.program.exec(action.command, signal, 'no end in time');
    case 'sleep':
      await pause(action.seconds * 1000, signal);
      return undefined;
    case 'httpGet': {
      const port = portNumber(action.port, target.container);
      if (port === undefined) return `the container has no port named "${action.port}"`;
      const { ip, reach } = target.place;
      const via = action.host === undefined ? reach : undefined;
      const outcome = await httpGet({ ...action, host: action.host ?? ip, port, via }, signal);
      return outcome.kind === 'failure' ? `GET ${action.path} on port ${port}: ${outcome.why}` : undefined;
    }
    case 'tcpSocket':
      return 'tcpSocket is not supported in hooks';
  }
}

/** Resolves after a time, or at once when aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
