/** An empty network namespace for a test, with nothing in it but loopback. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

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
