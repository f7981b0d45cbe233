import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { selfSigned } from '../../../testing/certificate.ts';
import { eventually } from '../../../testing/eventually.ts';
import { commandsMissing, titled } from '../../../testing/requirements.ts';
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
  return { plugin: new ExecPlugin(config, CLUSTER), runs, command };
}

const printing = (status: unknown): string => `printf '%s\\n' '${JSON.stringify({ status })}'`;

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

const noOpenssl = commandsMissing('openssl');

test.skipIf(noOpenssl !== undefined)(
  titled('returns a certificate and its key, and rejects others', noOpenssl),
  async () => {
    const [mine, other] = [await selfSigned('me'), await selfSigned('other')];
    const [cert, key] = [String(mine.cert), String(mine.key)];
    const { plugin: it } = await plugin(printing({ clientCertificateData: cert, clientKeyData: key }));
    expect(await it.credential()).toEqual({ cert, key });
    const faults: [status: object, fault: string][] = [
      [{ clientCertificateData: cert }, 'field status.clientKeyData is missing: a certificate needs its key'],
      [{ clientCertificateData: cert, clientKeyData: String(other.key) }, 'status.clientKeyData has a key of another'],
      [{ clientCertificateData: cert, clientKeyData: 'secret' }, 'status.clientKeyData has no private key in PEM'],
      [{ token: 'a', clientKeyData: key }, 'field status.clientCertificateData is missing'],
    ];
    for (const [status, fault] of faults) {
      const { plugin: bad } = await plugin(printing(status));
      await expect(bad.credential()).rejects.toThrow(fault);
    }
  },
);

test('names a failing plugin without its arguments and environment, which may be secrets', async () => {
  const secret = 'hunter2';
  const more = { args: [`--client-secret=${secret}`], env: [{ name: 'SECRET', value: secret }] };
  for (const body of ['exit 4', 'kill -9 $$', 'echo {', 'head -c 3000000 /dev/zero']) {
    const { plugin: it } = await plugin(body, more);
    const error: unknown = await it.credential().catch((reason: unknown) => reason);
    expect(inspect(error, { depth: 9 })).toMatch(/the exec plugin .*plugin-\d+/);
    expect(inspect(error, { depth: 9 })).not.toContain(secret);
  }
});

describe.skipIf(process.platform === 'win32')('a plugin that hangs', () => {
  /** Prints its pid and that of its child to a file, and waits. */
  const HANGS = 'sleep 1000 & echo "$$ $!" > "$0.pids"; wait';

  async function pidsOf(file: string): Promise<number[]> {
    const text = await eventually('the plugin runs', () => readFile(file, 'utf8').catch(() => undefined));
    return text.trim().split(' ').map(Number);
  }

  const isAlive = (pid: number): boolean => {
    try {
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  };

  test.runIf(process.platform === 'linux')('ends with its children when it is no longer needed', async () => {
    const { plugin: it, command } = await plugin(HANGS);
    const over = new AbortController();
    const waiting = it.credential({ signal: over.signal });
    const pids = await pidsOf(`${command}.pids`);
    over.abort(new Error('closed'));
    await expect(waiting).rejects.toThrow('closed');
    await eventually('both have ended', () => !pids.some(isAlive));
  });

  test('is reported after a few seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { plugin: it, command } = await plugin(HANGS);
      const over = new AbortController();
      const reported: string[] = [];
      const waiting = it.credential({ signal: over.signal, onWaiting: what => reported.push(what) });
      vi.advanceTimersByTime(4_999);
      expect(reported).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(reported).toEqual([`the exec plugin ${command}`]);
      over.abort(new Error('closed'));
      await expect(waiting).rejects.toThrow('closed');
    } finally {
      vi.useRealTimers();
    }
  });
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
  [
    'the reason that a failing plugin prints',
    'echo "usage: ..." >&2; echo "log in first" >&2; exit 1',
    /plugin-\d+ failed with exit code 1: log in first$/,
  ],
  ['a failing plugin that prints nothing', 'exit 3', /plugin-\d+ failed with exit code 3$/],
  ['a plugin that a signal ends', 'kill -KILL $$', /plugin-\d+ was ended by SIGKILL$/],
  [
    'a token that no header can carry',
    printing({ token: 'a\nb' }),
    /plugin-\d+, field status\.token has a character that/,
  ],
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
