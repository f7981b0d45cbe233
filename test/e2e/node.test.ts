/** `switchboard node` without a cluster: what it does before it starts, and what it reports. */
import { describe, expect, test } from 'vitest';
import { folder, type Result, switchboard } from '../support/cli.ts';

const UNPRIVILEGED = 65_534;
const QUIET = ['--healthz-bind-address', '', '--metrics-bind-address', ''];

function messagesOf({ stdout }: Result): string[] {
  return stdout
    .trim()
    .split('\n')
    .map(line => String(JSON.parse(line).msg));
}

// Without privileges, an attempt to change a setting of the host is a warning. As root, it would change this host.
describe.skipIf(process.getuid?.() !== 0 || process.platform !== 'linux')('a node that cannot start', () => {
  test.each([
    ['a kubeconfig that does not exist', ['--kubeconfig', '/no/such/file'], 'SWB_KUBECONFIG'],
    ['no cluster at all', [], 'SWB_KUBECONFIG'],
  ])('leaves the host alone, and does not report rules: %s', async (_what, args, code) => {
    await using home = await folder({});
    const env = { HOME: home.path };
    const result = await switchboard(['node', ...QUIET, ...args], { uid: UNPRIVILEGED, env });
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining(`(${code})`) });
    const messages = messagesOf(result);
    expect(messages).not.toContain('could not change a system setting');
    expect(messages.at(-1)).toBe('exited; it wrote no rules, and those of an earlier run stay');
  });

  test('but sets what needs privileges with --init-only', async () => {
    const result = await switchboard(['node', '--init-only'], { uid: UNPRIVILEGED });
    expect(messagesOf(result)).toContain('could not change a system setting');
    expect(result.code).toBe(0);
  });
});
