import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';

/**
 * Sees to it that no pod's process outlives this one, also after kill -9: a small process of its own waits at a pipe
 * that the system closes when we die, and then ends what is left (`reaper.ts`).
 */
export class OrphanGuard {
  readonly #instance = randomUUID();
  #reaper: ChildProcess | undefined;

  /** What every process of a pod must have in its environment. */
  get mark(): Readonly<Record<string, string>> {
    return { SWITCHBOARD_POD_OF: this.#instance };
  }

  add(group: number): void {
    this.#reaper ??= this.#start();
    this.#reaper.stdin?.write(`+${group}\n`);
  }

  remove(group: number): void {
    this.#reaper?.stdin?.write(`-${group}\n`);
  }

  /** All have ended in order. */
  close(): void {
    this.#reaper?.stdin?.end('done\n');
    this.#reaper = undefined;
  }

  #start(): ChildProcess {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const script = fileURLToPath(new URL(`./reaper.${extension}`, import.meta.url));
    // In a session of its own: what kills our process group must not kill it, too.
    const reaper = spawn(process.execPath, [script, this.#instance], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    reaper.unref();
    reaper.stdin?.on('error', () => undefined);
    reaper.on('error', () => undefined);
    return reaper;
  }
}
