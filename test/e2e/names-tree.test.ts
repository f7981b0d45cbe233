/** `dns install`, `uninstall` and `status` in a tree of another system (`--root`), which needs no privileges. */
import { execFile } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folder, serviceTo, switchboard, up } from '../support/cli.ts';
import { systemTree } from '../support/tree.ts';

const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.js');
const WEB = 'web.default.svc.cluster.local';
const MANIFEST = `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { clusterIP: 10.96.0.10, ports: [{ name: http, port: 80, targetPort: 8080 }] }
`;
const root = process.platform === 'linux' && process.getuid?.() === 0;

describe("another system's tree", () => {
  const STUB = {
    'etc/systemd/': '',
    'etc/resolv.conf': 'nameserver 127.0.0.53\n',
    'etc/hosts': '127.0.0.1 localhost\n',
  };
  const DROP_IN = 'etc/systemd/resolved.conf.d/switchboard.conf';

  test('install changes it, status reports that, and uninstall restores it', async () => {
    await using tree = await systemTree(STUB);
    const before = await tree.contents();
    const installed = await switchboard(['dns', 'install', '--root', tree.root, '--yes', '--server', '127.0.0.1:1059']);
    expect(installed.stderr).toMatch(
      /^these changes send queries for cluster\.local to 127\.0\.0\.1:1059, and no other queries, by systemd-resolved:\nwrite \/etc\/systemd/,
    );
    expect(installed).toMatchObject({ code: 0, stdout: '' });
    expect((await tree.contents())[DROP_IN]).toContain('DNS=127.0.0.1:1059\nDomains=~cluster.local\n');
    const again = await switchboard(['dns', 'install', '--root', tree.root, '--server', '127.0.0.1:1059']);
    expect(again).toMatchObject({ code: 0, stderr: expect.stringMatching(/^nothing to do: /) });

    const status = await switchboard(['dns', 'status', '--root', tree.root, '-o', 'json']);
    expect(JSON.parse(status.stdout)).toMatchObject({
      fine: false,
      resolver: { kind: 'mechanism', name: 'systemd-resolved' },
      installed: [{ mechanism: 'systemd-resolved', domain: 'cluster.local', port: 1059, serverAnswers: false }],
    });
    expect(status.code).toBe(1);

    expect(await switchboard(['dns', 'uninstall', '--root', tree.root, '--yes'])).toMatchObject({ code: 0 });
    expect(await tree.contents()).toEqual(before);
    const nothing = await switchboard(['dns', 'uninstall', '--root', tree.root]);
    expect(nothing).toMatchObject({
      code: 0,
      stderr: "nothing to do: Switchboard is not installed in this system's DNS configuration\n",
    });
  });

  test('is not changed without a terminal or with --print, which show the changes', async () => {
    await using tree = await systemTree(STUB);
    const before = await tree.contents();
    const asked = await switchboard(['dns', 'install', '--root', tree.root]);
    expect(asked).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/nothing was changed: .*--yes.*--print.*SWB_USAGE/),
    });
    const printed = await switchboard(['dns', 'install', '--root', tree.root, '--print']);
    expect(printed).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("cat > /etc/systemd/resolved.conf.d/switchboard.conf <<'SWITCHBOARD'\n"),
    });
    expect(await tree.contents()).toEqual(before);
  });

  test.each<[string, Record<string, string>, string[], RegExp]>([
    [
      'a plain resolv.conf',
      { 'etc/resolv.conf': 'nameserver 10.0.0.1\n' },
      [],
      /send all queries to .*--hosts-file.*SWB_SETUP_UNSUPPORTED/,
    ],
    [
      'servers for all names',
      { ...STUB, 'etc/systemd/resolved.conf': '[Resolve]\nDNS=1.1.1.1\n' },
      [],
      /resolved\.conf sets servers for all names.*SWB_SETUP_CONFLICT/,
    ],
    [
      "somebody else's file",
      { ...STUB, [DROP_IN]: '[Resolve]\nDNSSEC=no\n' },
      [],
      /exists and was not written by.*SWB_SETUP_CONFLICT/,
    ],
    ['the root for a domain', STUB, ['--cluster-domain', '.'], /the root of all names.*SWB_USAGE/],
    ["everybody's domain", STUB, ['--cluster-domain', 'dev'], /names of other owners.*SWB_USAGE/],
    ['an invalid server', STUB, ['--server', 'here'], /--server here.*SWB_USAGE/],
    ['Windows, and a port', STUB, ['--mechanism', 'windows'], /supports port 53 only.*SWB_SETUP_UNSUPPORTED/],
    ['manifests without --hosts-file', STUB, ['-f', 'x.yaml'], /-f needs --hosts-file.*SWB_USAGE/],
    ['an unknown flag', STUB, ['--nonsense'], /unknown option/],
  ])('is refused: %s', async (_what, files, flags, says) => {
    await using tree = await systemTree(files);
    const before = await tree.contents();
    const { code, stderr } = await switchboard(['dns', 'install', '--root', tree.root, '--yes', ...flags]);
    expect(stderr).toMatch(says);
    expect(code).toBe(2);
    expect(await tree.contents()).toEqual(before);
  });

  test('is changed on a terminal only after "yes"', async () => {
    await using tree = await systemTree(STUB);
    const before = await tree.contents();
    const line = `${process.execPath} ${MAIN} dns install --root ${tree.root}`;
    const answered = (answer: string) =>
      new Promise<string>((done, fail) => {
        // `script` gives it a terminal.
        const child = execFile('script', ['-qec', line, '/dev/null'], (_error, stdout) => done(stdout));
        child.once('error', fail);
        child.stdout?.on('data', (text: string) => {
          if (text.includes('[y/N]')) child.stdin?.write(`${answer}\n`);
        });
      });
    expect(await answered('no')).toContain('nothing was changed');
    expect(await tree.contents()).toEqual(before);
    expect(await answered('y')).toContain('installed: queries for cluster.local go to 127.0.0.1:1053');
    expect((await tree.contents())[DROP_IN]).toContain('Domains=~cluster.local');
  });

  test.runIf(root)('cannot be changed without root: reports it and leaves nothing behind', async () => {
    await using tree = await systemTree(STUB);
    await chmod(tree.root, 0o755);
    const before = await tree.contents();
    const as = { uid: 65_534, env: { HOME: '/' } };
    await using files = await folder({ 'web.yaml': MANIFEST });
    await chmod(files.path, 0o755);
    for (const flags of [['--hosts-file', '-f', files.path], []]) {
      const { code, stderr } = await switchboard(['dns', 'install', '--root', tree.root, '--yes', ...flags], as);
      expect(stderr).toMatch(/needs root.*SWB_SETUP_FAILED/);
      expect(code).toBe(2);
    }
    expect(await tree.contents()).toEqual(before);
  });

  test('gets the names of manifests in its hosts file, and its old content back', async () => {
    const hosts = '127.0.0.1 localhost\r\n10.0.0.1 printer';
    await using tree = await systemTree({ 'etc/hosts': hosts });
    await using files = await folder({ 'web.yaml': MANIFEST });
    const args = ['dns', 'install', '--hosts-file', '--root', tree.root, '-f', files.path];
    expect((await switchboard([...args, '--print'])).stdout).toContain(
      `\n10.96.0.10 ${WEB} web.default.svc web.default web\n`,
    );
    expect(await switchboard([...args, '--yes'])).toMatchObject({ code: 0 });
    expect((await tree.contents())['etc/hosts']).toContain(`\r\n10.96.0.10 ${WEB} web.default.svc web.default web\r\n`);
    expect((await switchboard(['dns', 'status', '--root', tree.root])).stdout).toMatch(
      /^hosts file: 1 line for manifests/m,
    );
    expect(await switchboard(['dns', 'uninstall', '--root', tree.root, '--yes'])).toMatchObject({ code: 0 });
    expect(await tree.contents()).toEqual({ 'etc/': '', 'etc/hosts': hosts });
  });

  test("has a running up's names until that is killed; then they are stale and removed", async () => {
    await using files = await folder({ 'web.yaml': serviceTo('web', 80, 9) });
    await using runtime = await folder({});
    await using tree = await systemTree({ 'etc/hosts': '127.0.0.1 localhost\n' });
    const env = { XDG_RUNTIME_DIR: runtime.path };
    const running = await up(['-f', files.path, '--no-dns'], { env });
    const args = ['dns', 'install', '--hosts-file', '--root', tree.root, '--yes'];
    try {
      expect(await switchboard(args, { env })).toMatchObject({ code: 0 });
      const address = running.address('default/web').replace(/:\d+$/, '');
      expect((await tree.contents())['etc/hosts']).toContain(`\n${address} ${WEB} web.default.svc web.default web\n`);
      expect((await switchboard(['dns', 'status', '--root', tree.root])).code).toBe(0);
    } finally {
      running.signal('SIGKILL');
      await running.exited;
    }
    const status = await switchboard(['dns', 'status', '--root', tree.root]);
    expect(status).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/which has ended: remove it with "switchboard dns uninstall"/),
    });
    expect(await switchboard(args, { env })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('SWB_NOT_RUNNING'),
    });
    expect(await switchboard(['dns', 'uninstall', '--root', tree.root, '--yes'])).toMatchObject({ code: 0 });
    expect((await tree.contents())['etc/hosts']).toBe('127.0.0.1 localhost\n');
  });
});
