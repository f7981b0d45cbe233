/** Text from elsewhere (manifests, kubeconfigs, plugins, API servers) in what the command line prints. */
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { folder, type Result, switchboard } from '../support/cli.ts';

const HOSTILE = '\x1b[2J\x1b]0;title\x07\r\nready: 9 routes\x9b31m\u202egpj\u2066';
const VISIBLE = '\\x1b[2J\\x1b]0;title\\x07\\r\\nready: 9 routes\\u009b31m\\u202egpj\\u2066';
const SERVICE = `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
`;
const POD = `apiVersion: v1
kind: Pod
metadata: { name: a, labels: { app: web } }
spec: { containers: [{ name: c, image: x }] }
status:
  podIP: 10.0.0.1
  conditions: [{ type: Ready, status: "False", reason: Broken, message: ${JSON.stringify(HOSTILE)} }]
`;

/** Fails if output has a control character other than its own line ends, or a line that foreign text has started. */
function expectNothingRaw({ stdout, stderr }: Pick<Result, 'stdout' | 'stderr'>): void {
  expect(`${stdout}${stderr}`.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e\u2066]/u);
  expect(`${stdout}${stderr}`).not.toMatch(/^ready: 9/m);
}

describe('control characters become visible', () => {
  const inputs = `${SERVICE}${POD}`;

  test.each([['get', 'routes'], ['get', 'endpoints'], ['explain', 'svc/web:80'], ['lint']])(
    "in a pod's status that %s %s prints",
    async (...command) => {
      const result = await switchboard([...command, '-f', '-'], { stdin: inputs });
      expectNothingRaw(result);
      if (command[0] !== 'lint') expect(result.stdout.replaceAll(/\s+/g, ' ')).toContain(VISIBLE);
    },
  );

  test.each(['json', 'yaml'])('and stay the same data with -o %s', async format => {
    const { stdout } = await switchboard(['get', 'routes', '-o', format, '-f', '-'], { stdin: inputs });
    expect(stdout).not.toMatch(/[\x7f-\x9f\u202e\u2066]/);
    expect(load(stdout)).toMatchObject({ items: [{ reason: expect.stringContaining(HOSTILE) }] });
  });

  test('in a name that is not valid', async () => {
    const stdin = SERVICE.replace('name: web', `name: ${JSON.stringify(HOSTILE)}`);
    for (const command of [['get', 'routes'], ['lint']]) {
      const result = await switchboard([...command, '-f', '-'], { stdin });
      expectNothingRaw(result);
      expect(`${result.stdout}${result.stderr}`).toContain(VISIBLE);
    }
  });

  test('in the last line that an exec plugin prints on standard error', async () => {
    const kubeconfig = JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://192.0.2.1' } }],
      users: [{ name: 'u', user: { exec: { command: './plugin', apiVersion: 'client.authentication.k8s.io/v1' } } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    });
    const plugin = "#!/bin/sh\nprintf 'log in\\nready: 9 routes\\033[2J' >&2\nexit 1\n";
    await using dir = await folder({ config: kubeconfig, plugin });
    await chmod(join(dir.path, 'plugin'), 0o755);
    const command = ['get', 'routes', '--against', 'cluster', '--kubeconfig', join(dir.path, 'config')];
    const result = await switchboard(command);
    expectNothingRaw(result);
    expect(result.stderr).toContain('failed with exit code 1: ready: 9 routes\\x1b[2J (SWB_KUBECONFIG)\n');
  });

  test('in names of a kubeconfig and in the message of an API server', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify({ message: HOSTILE }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const kubeconfig = JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }],
      contexts: [{ name: HOSTILE, context: { cluster: 'c' } }],
    });
    await using dir = await folder({ config: kubeconfig });
    const command = ['get', 'routes', '--against', 'cluster', '--kubeconfig', join(dir.path, 'config')];
    try {
      const unnamed = await switchboard(command);
      expect(unnamed.stderr).toContain('no current context; pass one with --context: \\x1b[2J');
      expectNothingRaw(unnamed);
      const refused = await switchboard([...command, '--context', HOSTILE]);
      expect(refused.stderr).toContain('refuses access: \\x1b[2J');
      expectNothingRaw(refused);
    } finally {
      server.close();
    }
  });
});
