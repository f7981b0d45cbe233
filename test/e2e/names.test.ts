/**
 * The system's own names, as `dns install`, `uninstall`, `status` and `doctor` have to do with them: with real
 * resolvers, in namespaces whose /etc is a copy. `names-tree.test.ts` tests what needs no root.
 */
import { chmod, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandsMissing, titled } from '../../testing/requirements.ts';
import { folder, Running, serviceTo, switchboard, up } from '../support/cli.ts';
import { OwnEtc } from '../support/own-etc.ts';
import { systemTree } from '../support/tree.ts';

const WEB = 'web.default.svc.cluster.local';
const MANIFEST = `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { clusterIP: 10.96.0.10, ports: [{ name: http, port: 80, targetPort: 8080 }] }
`;
const root = process.platform === 'linux' && process.getuid?.() === 0;

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
