import { messageOf } from '../errors.ts';
import type { Container, LifecycleAction } from '../kube/index.ts';
import { type ExecTarget, execIn } from './exec.ts';
import { httpGet } from './http-get.ts';
import { portNumber } from './probe.ts';

export interface HookTarget extends ExecTarget {
  readonly container: Container;
  readonly ip: string;
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
      return execIn(action.command, target, signal, 'no end in time');
    case 'sleep':
      await pause(action.seconds * 1000, signal);
      return undefined;
    case 'httpGet': {
      const port = portNumber(action.port, target.container);
      if (port === undefined) return `the container has no port named "${action.port}"`;
      const outcome = await httpGet({ ...action, host: action.host ?? target.ip, port }, signal);
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
