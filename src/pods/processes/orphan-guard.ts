import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';

/**
 * Ensures that no pod's process outlives this one, even after kill -9: a small process reads a pipe that the system
 * closes when this process dies, and then ends the remaining processes (`reaper.ts`).
 */
export class OrphanGuard {
  readonly #instance = randomUUID();
  readonly #needed: boolean;
  #reaper: ChildProcess | undefined;

  /** `needed`: whether processes may outlive this one at all. */
  constructor({ needed = true }: { readonly needed?: boolean } = {}) {
    this.#needed = needed;
  }

  /** The variables that every process of a pod must have. */
  get mark(): Readonly<Record<string, string>> {
    return { SWITCHBOARD_POD_OF: this.#instance };
  }

  add(group: number): void {
    if (!this.#needed) return;
    this.#reaper ??= this.#start();
    this.#reaper.stdin?.write(`+${group}\n`);
  }

  remove(group: number): void {
    this.#reaper?.stdin?.write(`-${group}\n`);
  }

  /** Call when all processes have ended. */
  close(): void {
    this.#reaper?.stdin?.end('done\n');
    this.#reaper = undefined;
  }

  #start(): ChildProcess {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const script = fileURLToPath(new URL(`./reaper.${extension}`, import.meta.url));
    // In a session of its own, so that a kill of this process group does not include it.
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
