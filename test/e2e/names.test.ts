/**
 * The system's own names, as `dns install`, `uninstall`, `status` and `doctor` have to do with them: with real
 * resolvers, in namespaces whose /etc is a copy. Without root only another system's tree can be tried.
 */
import { execFile } from 'node:child_process';
import { chmod, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandsMissing, titled } from '../../testing/requirements.ts';
import { folder, Running, serviceTo, switchboard, up } from '../support/cli.ts';
import { OwnEtc } from '../support/own-etc.ts';
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

test('doctor finds the DNS server of a running up on any address', async () => {
  await using files = await folder({ 'web.yaml': serviceTo('web', 80, 9) });
  await using runtime = await folder({});
  const env = { XDG_RUNTIME_DIR: runtime.path };
  const running = await up(['-f', files.path, '--dns', '127.0.0.9:0'], { env });
  try {
    const { stdout, code } = await switchboard(['doctor', '-o', 'json'], { env });
    const address = running.address('default/web').replace(/:\d+$/, '');
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'DoctorReport', items: [{ name: WEB, resolves: false }] });
    const ours = { kind: 'ours', place: { address: '127.0.0.9' }, outcome: { kind: 'found', addresses: [address] } };
    expect(JSON.parse(stdout).items[0].paths).toContainEqual(
      expect.objectContaining({
        ...ours,
        place: expect.objectContaining(ours.place),
        outcome: expect.objectContaining(ours.outcome),
      }),
    );
    expect(code).toBe(1);
  } finally {
    await running.stop();
  }
});

/** Names that are no names, and other things that doctor does not take. */
test.each([['a..b'], ['x y'], ['-a']])('doctor rejects %s', async name => {
  expect(await switchboard(['doctor', '--', name])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('SWB_USAGE'),
  });
});

const missing = root ? commandsMissing('dig', 'dnsmasq') : 'only root can give a system another /etc';

describe.skipIf(missing !== undefined)(titled('a real system', missing), () => {
  let system: OwnEtc;
  let etc: string;
  const inside = (script: string) => system.inside(script);
  beforeAll(async () => {
    system = await OwnEtc.create();
    etc = system.path;
    await system.write('web.yaml', MANIFEST);
  });
  afterAll(() => system?.[Symbol.asyncDispose]());

  test('dnsmasq uses the server after install, and not after uninstall', async () => {
    // There is no systemd in here; this takes its place and restarts dnsmasq.
    await system.write(
      'systemctl',
      '#!/bin/sh\n[ "$1 $2" = "restart dnsmasq" ] || exit 1\nkill $(cat /etc/dnsmasq.pid)\nwhile [ -e /etc/dnsmasq.pid ]; do sleep 0.02; done\nexec dnsmasq --conf-file=/etc/own-dnsmasq.conf\n',
      0o755,
    );
    const conf =
      'user=root\npid-file=/etc/dnsmasq.pid\nlisten-address=127.0.0.1\nbind-interfaces\nno-resolv\nno-hosts\nstop-dns-rebind\naddress=/outside.example/192.0.2.7\nconf-dir=/etc/dnsmasq.d\n';
    await system.write('etc/own-dnsmasq.conf', conf);
    const said = await inside(`
export PATH=${etc}:$PATH
mkdir -p /etc/dnsmasq.d
dnsmasq --conf-file=/etc/own-dnsmasq.conf
sb dns -f ${etc}/web.yaml --no-forward >/dev/null &
until_answer 53 outside.example
until_answer 1053 cluster.local
echo == before; sb doctor ${WEB}
echo == install; sb dns install --yes
echo == after; getent hosts ${WEB}; getent hosts outside.example; sb dns status; sb doctor ${WEB}
echo == uninstall; sb dns uninstall --yes; ls /etc/dnsmasq.d; getent hosts ${WEB}; getent hosts outside.example
kill $(cat /etc/dnsmasq.pid)
`);
    const [, before = '', install = '', after = '', uninstall = ''] = said.split(/^== /m);
    expect(before).toMatch(
      new RegExp(`^${WEB} does not resolve: Switchboard's server knows ${WEB}, but the system does not ask it`, 'm'),
    );
    expect(before).toMatch(/fix: switchboard dns install\n/);
    expect(before).toMatch(
      /^note: 127\.0\.0\.1:53 is held by dnsmasq \(pid \d+\), so Switchboard's server uses another port/m,
    );
    expect(before).toMatch(/\[1\]\n$/);
    expect(install).toMatch(/^installed: queries for cluster\.local go to 127\.0\.0\.1:1053\n\[0\]$/m);
    expect(after).toMatch(new RegExp(`^10\\.96\\.0\\.10 +${WEB}\n192\\.0\\.2\\.7 +outside\\.example$`, 'm'));
    expect(after).toMatch(/^installed: queries for cluster\.local go to 127\.0\.0\.1:1053, by .*: works$/m);
    expect(after).toMatch(
      new RegExp(`^${WEB} resolves to 10\\.96\\.0\\.10, by 127\\.0\\.0\\.1 \\(resolv\\.conf\\)$`, 'm'),
    );
    expect(after).toMatch(/\[0\]\n$/);
    expect(uninstall).toMatch(/^uninstalled\n\[0\]\n192\.0\.2\.7 +outside\.example\n$/m);
  });

  test('programs resolve names of the hosts file; a mounted one is written in place', async () => {
    const said = await inside(`
cp /etc/hosts ${etc}/mounted; mount --bind ${etc}/mounted /etc/hosts
echo == install; sb dns install --hosts-file -f ${etc}/web.yaml --yes
getent hosts web.default; sb doctor web.default
echo == uninstall; sb dns uninstall --yes; getent hosts web.default
ls -A /etc | grep switchboard || true
`);
    expect(said).toMatch(/^10\.96\.0\.10 +.*web\.default/m);
    expect(said).toMatch(/^web\.default resolves to 10\.96\.0\.10, by the hosts file$/m);
    expect(said).toMatch(/^uninstalled\n\[0\]\n$/m);
    expect(await readFile(join(etc, 'mounted'), 'utf8')).toBe('127.0.0.1 localhost\n');
  });

  test('doctor finds the block of a killed up, and --fix removes it', async () => {
    const stale = '# switchboard: begin process 999999 started 1@0\n127.9.9.9 web.default\n# switchboard: end\n';
    const said = await inside(`
printf '127.0.0.1 localhost\\n${stale.replaceAll('\n', '\\n')}' > /etc/hosts
echo == doctor; sb doctor web.default
echo == fix; sb doctor --fix web.default; cat /etc/hosts
echo '127.0.0.1 localhost' > /etc/hosts
`);
    const [, found = '', fixed = ''] = said.split(/^== /m);
    expect(found).toMatch(/^problem: \/etc\/hosts has 1 lines? of Switchboard for process 999999, which has ended$/m);
    expect(found).toMatch(/fix: switchboard doctor --fix/);
    expect(fixed).toMatch(/^fixed: /m);
    expect(fixed).toMatch(/\]\n127\.0\.0\.1 localhost\n$/);
  });

  test('reports a read-only hosts file and leaves nothing beside it', async () => {
    const said = await inside(`
mount --bind -o ro /etc /etc 2>/dev/null || mount -o remount,bind,ro /etc
sb dns install --hosts-file -f ${etc}/web.yaml --yes
ls -A /etc | grep switchboard || true
`);
    expect(said).toMatch(/its file system is read-only.*\(SWB_SETUP_FAILED\)\n\[2\]\n$/);
  });
});

test.runIf(root)('finds the up of the user who ran sudo', async () => {
  await using files = await folder({ 'web.yaml': serviceTo('web', 80, 9) });
  await using tree = await systemTree({ 'etc/hosts': '' });
  await using runtime = await folder({});
  const uid = 54_321;
  await chmod(files.path, 0o755);
  const running = new Running(['up', '-f', files.path, '--no-dns'], { uid, env: { HOME: '/', TMPDIR: tmpdir() } });
  try {
    await running.until(/^ready: /m, 'stderr');
    const env = { SUDO_UID: String(uid), XDG_RUNTIME_DIR: runtime.path, TMPDIR: tmpdir() };
    const args = ['dns', 'install', '--hosts-file', '--root', tree.root, '--print'];
    expect((await switchboard(args, { env })).stdout).toContain(` ${WEB} `);
  } finally {
    await running.stop();
    await rm(join(tmpdir(), `switchboard-${uid}`), { recursive: true, force: true });
  }
});
