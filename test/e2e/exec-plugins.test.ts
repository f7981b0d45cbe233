/** Exec plugins and invalid kubeconfigs, as users of commands meet them. */
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../testing/eventually.ts';
import { folder, Running, switchboard } from '../support/cli.ts';

const LINUX = process.platform === 'linux';
const QUIET = ['--healthz-bind-address', '', '--metrics-bind-address', ''];

/** A kubeconfig of a server that nobody may contact. */
function kubeconfig(user: object, server = 'https://127.0.0.1:1'): string {
  return JSON.stringify({
    clusters: [{ name: 'k', cluster: { server } }],
    users: [{ name: 'jane', user }],
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'jane' } }],
    'current-context': 'c',
  });
}

function script(text: string): object {
  return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', text] } };
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe.runIf(LINUX)('a plugin that hangs ends with its children', () => {
  test.each([
    ['get', ['get', 'services', '--against', 'cluster'], 'SIGINT'],
    ['get', ['get', 'services', '--against', 'cluster'], 'SIGTERM'],
    ['lint', ['lint', '--against', 'cluster'], 'SIGINT'],
    ['node', ['node', ...QUIET, '--hostname-override', 'n'], 'SIGINT'],
  ] as const)('when %s gets %s', async (_name, args, signal) => {
    await using dir = await folder({});
    const pids = join(dir.path, 'pids');
    const config = join(dir.path, 'config');
    await writeFile(
      config,
      kubeconfig(script(`sleep 1000 & echo "$$ $!" > ${pids}.new; mv ${pids}.new ${pids}; wait`)),
    );
    const running = new Running([...args, '--kubeconfig', config]);
    const text = await eventually('the plugin runs', () => readFile(pids, 'utf8').catch(() => undefined));
    running.signal(signal);
    await running.exited;
    await eventually('both have ended', () => !text.trim().split(' ').map(Number).some(isAlive));
  });
});

test('get names the plugin that fails, and not the API server, which it did not contact', async () => {
  const user = script('echo "usage: --client-secret=hunter2" >&2; echo "log in first" >&2; exit 3');
  await using dir = await folder({ config: kubeconfig(user) });
  const command = ['get', 'services', '--against', 'cluster', '--kubeconfig', join(dir.path, 'config')];
  expect(await switchboard(command)).toMatchObject({
    code: 2,
    stderr:
      'switchboard: cannot get credentials for the API server https://127.0.0.1:1: the exec plugin sh failed with exit code 3: log in first (SWB_KUBECONFIG)\n',
  });
});

describe.runIf(LINUX)('node', () => {
  test('logs that it has no credentials, and retries', async () => {
    await using dir = await folder({ config: kubeconfig(script('echo "log in first" >&2; exit 3')) });
    const running = new Running([
      'node',
      ...QUIET,
      '--hostname-override',
      'n',
      '--kubeconfig',
      join(dir.path, 'config'),
    ]);
    await running.until(/cannot get credentials, so the API server is not asked; retrying/);
    expect(running.stdout).toMatch(/"why":"the exec plugin sh failed with exit code 3: log in first"/);
    expect(running.stdout).not.toMatch(/denies access|unreachable/);
    expect(await running.stop()).toBe(0);
  });

  test.each([
    ['a server that is no URL', kubeconfig({}, 'not a url'), /cluster "k", field server is not a URL/],
    ['a token with a line end', kubeconfig({ token: 'hunter2\n' }), /user "jane", field token has a character/],
  ])('exits with %s', async (_what, config, message) => {
    await using dir = await folder({ config });
    const command = ['node', ...QUIET, '--hostname-override', 'n', '--kubeconfig', join(dir.path, 'config')];
    const { code, stderr } = await switchboard(command);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
    expect(stderr).toMatch(/\(SWB_KUBECONFIG\)/);
    expect(stderr).not.toContain('hunter2');
  });
});
