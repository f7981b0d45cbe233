import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExecPlugin } from './exec-plugin.ts';
import type { ExecConfig } from './kubeconfig-file.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'switchboard-exec-plugin-'));
});
afterAll(() => rm(directory, { recursive: true }));

const CLUSTER = { name: 'it', server: 'https://it.example:6443', skipTLSVerify: false, caData: 'Y2E=' };
let plugins = 0;

/** A plugin that records each run with its request, and then runs `body`. */
async function plugin(body: string, more: Partial<ExecConfig> = {}) {
  const command = join(directory, `plugin-${++plugins}`);
  await writeFile(command, `#!/bin/sh\necho "$KUBERNETES_EXEC_INFO" >> "$0.runs"\n${body}\n`);
  await chmod(command, 0o700);
  const apiVersion = 'client.authentication.k8s.io/v1';
  const config = { apiVersion, command, args: [], env: [], provideClusterInfo: false, ...more };
  const runs = async () => (await readFile(`${command}.runs`, 'utf8')).trim().split('\n');
  return { plugin: new ExecPlugin(config, CLUSTER), runs };
}

const printing = (status: unknown): string => `echo '${JSON.stringify({ status })}'`;

test('runs the plugin once for a token without an expiry', async () => {
  const { plugin: it, runs } = await plugin(printing({ token: 'abc' }));
  expect(await it.credential()).toEqual({ token: 'abc' });
  await it.credential();
  expect((await runs()).map(line => JSON.parse(line))).toEqual([
    { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', spec: { interactive: false } },
  ]);
});

test('runs the plugin again when the token has expired', async () => {
  const { plugin: it, runs } = await plugin(printing({ token: 'abc', expirationTimestamp: '2020-01-01T00:00:00Z' }));
  await it.credential();
  await it.credential();
  expect(await runs()).toHaveLength(2);
});

test('returns a certificate and its key', async () => {
  const { plugin: it } = await plugin(printing({ clientCertificateData: 'cert', clientKeyData: 'key' }));
  expect(await it.credential()).toEqual({ cert: 'cert', key: 'key' });
});

test('passes arguments and environment to the plugin', async () => {
  const env = [{ name: 'TOKEN', value: 'from-env' }];
  const body = 'printf \'{"status":{"token":"%s-%s"}}\' "$TOKEN" "$1"';
  const { plugin: it } = await plugin(body, { args: ['first'], env });
  expect(await it.credential()).toEqual({ token: 'from-env-first' });
});

test('passes the cluster to a plugin that requests it', async () => {
  const { plugin: it, runs } = await plugin(printing({ token: 'abc' }), { provideClusterInfo: true });
  await it.credential();
  expect(JSON.parse((await runs())[0] ?? '').spec.cluster).toEqual({
    server: 'https://it.example:6443',
    'certificate-authority-data': 'Y2E=',
  });
});

test.each<[string, string, RegExp]>([
  ['the reason that a failing plugin prints', 'echo "log in first" >&2; exit 1', /plugin-\d+ failed: log in first$/],
  ['a failing plugin that prints nothing', 'exit 3', /plugin-\d+ failed: Command failed/],
  ['output without credentials', 'echo "{}"', /printed no ExecCredential with a token or a certificate$/],
  [
    'a token that is a number',
    printing({ token: 12345 }),
    /^the output of the exec plugin .*plugin-\d+, field status\.token is a number: write it in quotes/,
  ],
  [
    'an expiry that is a number, which would count as none',
    printing({ token: 'abc', expirationTimestamp: 1_700_000_000 }),
    /field status\.expirationTimestamp is a number/,
  ],
  ['output that is not JSON', 'echo hello', /printed no ExecCredential/],
])('reports %s', async (_what, body, message) => {
  const { plugin: it } = await plugin(body);
  await expect(it.credential()).rejects.toThrow(message);
});

test('reports a plugin that is not installed, with the hint of the kubeconfig', async () => {
  const { plugin: it } = await plugin('', { command: 'no-such-plugin', installHint: 'brew install it' });
  await expect(it.credential()).rejects.toThrow('the exec plugin no-such-plugin is not installed: brew install it');
});
