/** An empty network namespace for a test, with nothing in it but loopback. */
import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Why a test of the kernel has to be skipped.
 *
 * @throws if it has to and SWITCHBOARD_REQUIRE_KERNEL=1 forbids it
 */
export function kernelMissing(): string | undefined {
  const reason = missingReason();
  if (reason !== undefined && process.env.SWITCHBOARD_REQUIRE_KERNEL === '1') {
    throw new Error(`SWITCHBOARD_REQUIRE_KERNEL=1 forbids to skip: ${reason}`);
  }
  return reason;
}

function missingReason(): string | undefined {
  if (process.platform !== 'linux') return 'nftables is Linux only';
  if (process.getuid?.() !== 0) return 'it needs root';
  for (const tool of ['ip', 'nft', 'conntrack']) {
    if (spawnSync(tool, ['--version']).error !== undefined) return `the program ${tool} is not installed`;
  }
  return undefined;
}

/** Makes a namespace, hands it to the test and removes it whatever happens. */
export async function withNamespace<T>(test: (namespace: string) => Promise<T>): Promise<T> {
  const namespace = `sbtest-${process.pid}-${randomBytes(3).toString('hex')}`;
  await run('ip', ['netns', 'add', namespace]);
  try {
    await run('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
    return await test(namespace);
  } finally {
    await run('ip', ['netns', 'del', namespace]);
  }
}
