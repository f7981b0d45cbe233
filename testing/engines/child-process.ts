import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Watched } from '../eventually.ts';

const MAX_OUTPUT = 64 * 1024;
/** Longer than any engine needs to stop its containers. */
const STOP_LIMIT_MS = 30_000;

/** A server of a test: its output, and its end by its pid. */
export class ServerProcess implements Watched {
  readonly #child: ChildProcess;
  readonly #wakers = new Set<() => void>();
  #output = '';

  constructor(command: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    const [file = '', ...args] = command;
    this.#child = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const take = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-MAX_OUTPUT);
      for (const wake of this.#wakers) wake();
    };
    this.#child.stdout?.on('data', take);
    this.#child.stderr?.on('data', take);
    this.#child.once('error', error => take(Buffer.from(String(error))));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get output(): string {
    return this.#output;
  }

  get hasEnded(): boolean {
    return this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  wake(callback: () => void): () => void {
    this.#wakers.add(callback);
    return () => this.#wakers.delete(callback);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.#child, 'exit');
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS);
    this.#child.kill(signal);
    await ended;
    clearTimeout(limit);
  }
}
