import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Engine } from '../../engine/index.ts';

/** Waits for the end of its standard input, and runs its words unless a line came before. A shell waits with little memory. */
const WAIT = 'trap "" INT TERM HUP; read -r _ || exec "$@"';

/**
 * Ensures that nothing of this instance stays in the engine even after kill -9: the system closes a pipe when this process
 * dies, and a program at its other end then removes the containers (`sweep-program.ts`).
 *
 * @param pid by which the user knows this instance
 * @returns a function to call when everything is removed
 */
export function startEngineReaper(engine: Engine, session: string, pid: number): () => void {
  // What is left there goes at the next start.
  if (process.platform === 'win32') return () => undefined;
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const program = fileURLToPath(new URL(`./sweep-program.${extension}`, import.meta.url));
  const words = [process.execPath, program, engine.endpoint, session, String(pid)];
  // In a session of its own, so that a kill of this process group does not include it.
  const reaper: ChildProcess = spawn('sh', ['-c', WAIT, 'sh', ...words], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  reaper.on('error', () => undefined);
  // Absent if it could not be started, for want of files.
  reaper.stdin?.on('error', () => undefined);
  reaper.unref();
  return () => reaper.stdin?.end('done\n');
}
