/** An empty network namespace for a test, with only loopback. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { namespaceName, removeLeftovers, removeNamespaces } from '../../testing/namespaces.ts';

const run = promisify(execFile);
const PREFIX = 'sbtest';

/** Creates a namespace, runs the test with it, and removes it in any case, with the processes that still run in it. */
export async function withNamespace<T>(test: (namespace: string) => Promise<T>): Promise<T> {
  removeLeftovers(PREFIX);
  const namespace = namespaceName(PREFIX, randomBytes(3).toString('hex'));
  await run('ip', ['netns', 'add', namespace]);
  try {
    await run('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
    return await test(namespace);
  } finally {
    removeNamespaces([namespace]);
  }
}
