import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { removeLeftovers, removeOwnNamespaces } from '../../testing/namespaces.ts';
import { BENCH_PREFIX, createTwin } from '../nftables/topology.ts';

const INSIDE = 'SWITCHBOARD_BENCH_INSIDE';

/**
 * Runs the program again in a network namespace of its own and exits with its code; in that namespace, it returns. So
 * API server, writer and proxy share one host, and no relay carries bytes between them.
 */
export async function enterOwnNode(): Promise<void> {
  if (process.env[INSIDE] !== undefined) return;
  removeLeftovers(BENCH_PREFIX);
  process.once('exit', () => removeOwnNamespaces(BENCH_PREFIX));
  const { node } = createTwin('cluster');
  const child = spawn('ip', ['netns', 'exec', node, process.execPath, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal));
  const [code] = await once(child, 'exit');
  process.exit(typeof code === 'number' ? code : 1);
}
