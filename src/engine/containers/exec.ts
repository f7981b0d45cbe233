import type { EngineApi } from '../api/api.ts';
import { numberOf, recordOf, textOf } from '../api/fields.ts';
import { outputFrames } from './frames.ts';

export interface ExecOptions {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly workingDir?: string;
  readonly timeLimitMs?: number;
  /** Gets the output as it comes. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', data: Buffer) => void;
  /** The rest of the output is read and dropped. */
  readonly maxOutputBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

export type ExecResult =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly output: Buffer; readonly truncated: boolean }
  /** Engines cannot end a command: it may still run. @see Containers.isExecRunning */
  | { readonly kind: 'timeout'; readonly execId: string; readonly output: Buffer; readonly truncated: boolean };

/** As the kubelet reads of an exec probe. */
const DEFAULT_MAX_OUTPUT_BYTES = 10 * 1024;

/** Runs a command in a running container. Standard output and error are one, in the order in which the engine sent them. */
export async function execInContainer(api: EngineApi, container: string, options: ExecOptions): Promise<ExecResult> {
  const { command, env = {}, user, workingDir, timeLimitMs, signal } = options;
  const doing = `run ${command[0] ?? 'a command'} in container ${container}`;
  const limit = timeLimitMs === undefined ? undefined : AbortSignal.timeout(timeLimitMs);
  const signals = [signal, limit].filter(each => each !== undefined);
  const either = signals.length === 0 ? undefined : AbortSignal.any(signals);
  const created = await api.json({
    method: 'POST',
    path: `/containers/${container}/exec`,
    body: {
      AttachStdout: true,
      AttachStderr: true,
      Cmd: command,
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      ...(user !== undefined && { User: user }),
      ...(workingDir !== undefined && { WorkingDir: workingDir }),
    },
    signal,
    doing,
  });
  const execId = textOf(recordOf(created).Id);
  const output = new BoundedOutput(options.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES);
  try {
    const stream = await api.stream({
      method: 'POST',
      path: `/exec/${execId}/start`,
      body: { Detach: false, Tty: false },
      signal: either,
      doing,
    });
    for await (const frame of outputFrames(stream)) {
      output.take(frame.data);
      options.onOutput?.(frame.stream, frame.data);
    }
    either?.throwIfAborted();
  } catch (error) {
    signal?.throwIfAborted();
    if (limit?.aborted !== true) throw error;
    return { kind: 'timeout', execId, ...output.result() };
  }
  const { exitCode } = await inspectExec(api, execId, signal);
  return { kind: 'exited', exitCode, ...output.result() };
}

export async function inspectExec(
  api: EngineApi,
  execId: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly running: boolean; readonly exitCode: number }> {
  const answer = recordOf(
    await api.json({ method: 'GET', path: `/exec/${execId}/json`, signal, doing: 'inspect a command' }),
  );
  return { running: answer.Running === true, exitCode: numberOf(answer.ExitCode) };
}

class BoundedOutput {
  readonly #max: number;
  readonly #parts: Buffer[] = [];
  #bytes = 0;
  #truncated = false;

  constructor(max: number) {
    this.#max = max;
  }

  take(data: Buffer): void {
    const piece = data.subarray(0, this.#max - this.#bytes);
    if (piece.length < data.length) this.#truncated = true;
    if (piece.length === 0) return;
    this.#parts.push(piece);
    this.#bytes += piece.length;
  }

  result(): { readonly output: Buffer; readonly truncated: boolean } {
    return { output: Buffer.concat(this.#parts), truncated: this.#truncated };
  }
}
