/** What other commands ask a running `up` about its pods. */
import { isRecord } from '../data/index.ts';
import { messageOf, SwitchboardError } from '../errors.ts';
import type { LocalPodRunner } from '../pods/index.ts';

/** Answers `switchboard job run`. */
export function startJob(
  runner: LocalPodRunner,
  cronJob: unknown,
): { readonly job: string } | { readonly why: string } {
  try {
    return { job: runner.runCronJob(String(cronJob)) };
  } catch (error) {
    return { why: messageOf(error) };
  }
}

/** Answers `switchboard restart`. */
export function restartPods(
  runner: LocalPodRunner,
  workload: unknown,
): { readonly pods: readonly string[] } | { readonly why: string } {
  try {
    return { pods: runner.restart(String(workload)) };
  } catch (error) {
    return { why: messageOf(error) };
  }
}

/** Answers `switchboard exec`: the output as it comes, then the exit code or why there is none. */
export async function serveExec(
  runner: LocalPodRunner,
  argument: unknown,
  send: (value: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { pod, container, command } = execOf(argument);
    const onOutput = (stream: 'stdout' | 'stderr', data: Buffer): void => send({ [stream]: data.toString('base64') });
    const code = await runner.exec(pod, container, command, { onOutput, signal });
    send({ code });
  } catch (error) {
    send({ why: messageOf(error), error: SwitchboardError.is(error) ? error.code : undefined });
  }
}

function execOf(value: unknown): {
  readonly pod: string;
  readonly container: string | undefined;
  readonly command: readonly string[];
} {
  const given = isRecord(value) ? value : {};
  const { pod, container, command } = given;
  const isCommand = Array.isArray(command) && command.length > 0 && command.every(word => typeof word === 'string');
  if (typeof pod !== 'string' || !isCommand) throw new TypeError('the request names no pod or no command');
  return { pod, container: typeof container === 'string' ? container : undefined, command };
}
