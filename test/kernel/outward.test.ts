/** What pods reach of the network outside: through pasta or slirp4netns, in a machine of the test's own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { must } from '../../testing/lab/tools.ts';
import { namespaceName, removeLeftovers, removeOwnNamespaces } from '../../testing/namespaces.ts';
import { podNetworksMissing } from '../../testing/pod-networks.ts';
import { commandsMissing, forbidSkip, titled } from '../../testing/requirements.ts';
import { allowTun } from '../../testing/tun.ts';
import { folder, Running } from '../support/cli.ts';

const PREFIX = 'sbout';
const HOST = namespaceName(PREFIX, 'host');
const FAR = namespaceName(PREFIX, 'far');
const FAR_ADDRESS = '198.51.100.1';
const NOBODY = 65_534;
const missing =
  forbidSkip(process.getuid?.() === 0 ? undefined : 'a machine of its own needs root') ??
  podNetworksMissing() ??
  commandsMissing('pasta', 'slirp4netns');

const CLIENT = `apiVersion: v1
kind: Pod
metadata: { name: client }
spec:
  restartPolicy: OnFailure
  containers:
    - name: c
      image: none
      command: [node, -e, "fetch('http://${FAR_ADDRESS}:8000/').then(r => r.text(), e => String(e.cause ?? e)).then(t => console.log('GOT ' + t))"]
---
`;

let server: ChildProcess | undefined;
beforeAll(async () => {
  if (missing !== undefined) return;
  removeLeftovers(PREFIX);
  allowTun();
  for (const name of [HOST, FAR]) {
    await must(['ip', 'netns', 'add', name]);
    await must(['ip', '-n', name, 'link', 'set', 'lo', 'up']);
  }
  await must(['ip', 'link', 'add', 'sbout0', 'netns', HOST, 'type', 'veth', 'peer', 'name', 'sbout1', 'netns', FAR]);
  await must(['ip', '-n', FAR, 'addr', 'add', `${FAR_ADDRESS}/24`, 'dev', 'sbout1']);
  await must(['ip', '-n', HOST, 'addr', 'add', '198.51.100.2/24', 'dev', 'sbout0']);
  await must(['ip', '-n', FAR, 'link', 'set', 'sbout1', 'up']);
  await must(['ip', '-n', HOST, 'link', 'set', 'sbout0', 'up']);
  await must(['ip', '-n', HOST, 'route', 'add', 'default', 'via', FAR_ADDRESS]);
  const script = `require('http').createServer((q, s) => s.end('far away')).listen(8000, '${FAR_ADDRESS}', () => console.log('listening'))`;
  server = spawn('ip', ['netns', 'exec', FAR, process.execPath, '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (server.stdout !== null) await once(server.stdout, 'data');
});
afterAll(() => {
  server?.kill('SIGKILL');
  removeOwnNamespaces(PREFIX);
});

async function start(options: { readonly uid?: number; readonly path?: string } = {}): Promise<Running> {
  const enter = ['ip', 'netns', 'exec', HOST];
  const user =
    options.uid === undefined ? [] : ['setpriv', `--reuid=${options.uid}`, `--regid=${options.uid}`, '--clear-groups'];
  const running = new Running(['up', '--run', '--no-dns', '--network', 'namespaces', '-f', '-'], {
    enter: [...enter, ...user],
    stdin: CLIENT,
    env: { HOME: tmpdir(), ...(options.path === undefined ? {} : { PATH: options.path }) },
  });
  onTestFinished(() => void running.stop());
  return running;
}

describe.skipIf(missing !== undefined)(titled('E8: the network outside is reached', missing), () => {
  test.each([
    ['as root', {}],
    ['as an unprivileged user', { uid: NOBODY }],
  ])('%s', async (_who, as) => {
    const running = await start(as);
    await running.until(/GOT far away/, 'stderr');
    // slirp4netns unmounts what it finds below /run in the mount namespace in which it runs.
    expect(await must(['ip', 'netns', 'exec', FAR, 'ip', '-o', 'addr', 'show'])).toContain(FAR_ADDRESS);
  });
});

const PROGRAMS = ['cat', 'hostname', 'ip', 'mount', 'nsenter', 'sh', 'umount', 'unshare'];

test.skipIf(missing !== undefined)(
  titled('E10: without pasta and slirp4netns pods have no way out, and a note names the package', missing),
  async () => {
    await using bin = await folder({});
    await symlink(process.execPath, join(bin.path, 'node'));
    for (const name of PROGRAMS)
      await symlink((await must(['sh', '-c', `command -v ${name}`])).trim(), join(bin.path, name));
    const running = await start({ path: bin.path });
    await running.until(
      /note: pods reach each other and Services, but nothing outside of them: pasta \(package passt\) is not installed; slirp4netns is not installed/,
      'stderr',
    );
    await running.until(/GOT .*(ENETUNREACH|EHOSTUNREACH)/, 'stderr');
  },
);
