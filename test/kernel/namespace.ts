/** An empty network namespace for a test, with only loopback. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Creates a namespace, runs the test with it, and removes it in any case. */
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
