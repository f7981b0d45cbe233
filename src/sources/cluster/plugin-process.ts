/**
 * Runs an exec plugin in a process group of its own, which ends with this process: a plugin may wait for a browser or a
 * device for ever, and its children would survive it.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { untilStarted } from '../../system/index.ts';

export interface PluginCall {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Ends the plugin. */
  readonly signal?: AbortSignal | undefined;
  readonly maxBytes: number;
}

export interface PluginResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It printed more than `maxBytes` and was ended. */
  readonly tooLong: boolean;
}

/** @throws the system's error if the program cannot be started, the signal's reason if that ended it */
export async function runPlugin({ command, args, env, signal, maxBytes }: PluginCall): Promise<PluginResult> {
  signal?.throwIfAborted();
  // Windows has no process groups.
  const child = await untilStarted(
    spawn(command, args, { env, detached: process.platform !== 'win32', stdio: 'pipe' }),
  );
  return new Promise((resolve, reject) => {
    const forget = endWithProcess(child);
    const onAbort = (): void => end(child);
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    const output = { stdout: '', stderr: '' };
    let tooLong = false;
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        if (output.stdout.length + output.stderr.length + text.length > maxBytes) {
          tooLong = true;
          end(child);
        } else output[name] += text;
      });
    }
    const done = (): void => {
      forget();
      signal?.removeEventListener('abort', onAbort);
    };
    child.once('error', error => {
      done();
      reject(error);
    });
    child.once('close', (code, endedBy) => {
      done();
      if (signal?.aborted) reject(signal.reason);
      else resolve({ ...output, code, signal: endedBy, tooLong });
    });
    // The plugin gets no terminal: `interactive` is false.
    child.stdin.on('error', () => undefined);
    child.stdin.end();
  });
}

function end(child: ChildProcess): void {
  if (child.pid === undefined || process.platform === 'win32') {
    child.kill();
    return;
  }
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    // The group has ended already.
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const running = new Set<ChildProcess>();

/** The plugin is not in the terminal's foreground group, so Ctrl-C reaches only this process. */
function endWithProcess(child: ChildProcess): () => void {
  if (running.size === 0) {
    process.on('exit', endAll);
    for (const signal of SIGNALS) process.on(signal, onSignal);
  }
  running.add(child);
  return () => {
    running.delete(child);
    if (running.size > 0) return;
    process.off('exit', endAll);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
}

function endAll(): void {
  for (const child of running) end(child);
}

function onSignal(signal: NodeJS.Signals): void {
  endAll();
  for (const each of SIGNALS) process.off(each, onSignal);
  // Without this handler the signal would have ended the process, unless the command handles it.
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}
