/**
 * `dns install` and a real systemd-resolved, in namespaces whose /etc and /run are their own. It has no bus there, and
 * a link whose server it is told of as systemd-networkd would.
 */
import { appendFile, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { debianPackages } from '../../testing/programs/debian-packages.ts';
import { commandsMissing, titled } from '../../testing/requirements.ts';
import { OwnEtc } from '../support/own-etc.ts';

const WEB = 'web.default.svc.cluster.local';
const MANIFEST = `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { clusterIP: 10.96.0.10, ports: [{ name: http, port: 80, targetPort: 8080 }] }
`;
const missing =
  process.platform === 'linux' && process.getuid?.() === 0
    ? commandsMissing('dig', 'dnsmasq', 'apt-get', 'dpkg')
    : 'only root on Linux can give a system another /etc';

describe.skipIf(missing !== undefined)(titled('systemd-resolved', missing), () => {
  let system: OwnEtc;
  beforeAll(async () => {
    // Installed it would become this machine's own resolver.
    const root = await debianPackages('systemd-resolved', 'libsystemd-shared');
    system = await OwnEtc.create();
    await system.write('web.yaml', MANIFEST);
    await system.write('start', starter(join(root, 'lib/systemd/systemd-resolved'), await libraries(root)), 0o755);
    await system.write('systemctl', SYSTEMCTL, 0o755);
    const passwd = join(system.path, 'etc/passwd');
    if (!/^systemd-resolve:/m.test(await readFile(passwd, 'utf8'))) {
      await appendFile(passwd, 'systemd-resolve:x:64999:64999::/:/usr/sbin/nologin\n');
    }
    await rm(join(system.path, 'etc/resolv.conf'));
    await symlink('/run/systemd/resolve/stub-resolv.conf', join(system.path, 'etc/resolv.conf'));
  }, 120_000);
  afterAll(() => system?.[Symbol.asyncDispose]());

  test('uses the server after install and not after uninstall; other names resolve as before', async () => {
    const said = await system.inside(`
export PATH=${system.path}:$PATH
mount -t tmpfs none /run
${LINK}
start
sb dns -f ${system.path}/web.yaml --no-forward >/dev/null &
until_answer 1053 cluster.local
until_network
echo == before; getent hosts ${WEB}; getent hosts outside.example; sb doctor ${WEB}
echo == install; sb dns install --yes
echo == after; getent hosts ${WEB}; getent hosts outside.example; sb dns status; sb doctor ${WEB}
ip link set v0 down
for i in $(seq 100); do getent hosts ${WEB} >/dev/null || break; sleep 0.05; done
echo == offline; sb doctor ${WEB}
ip link set v0 up; ip addr replace 192.0.2.1/24 dev v0
until_network
echo == uninstall; sb dns uninstall --yes; getent hosts ${WEB}; getent hosts outside.example; ls -A /etc/systemd/resolved.conf.d 2>&1
true
`);
    const [, before = '', install = '', after = '', offline = '', uninstall = ''] = said.split(/^== /m);
    expect(before).toMatch(/^before\n192\.0\.2\.7 +outside\.example\n/);
    expect(before).toMatch(
      new RegExp(`^${WEB} does not resolve: Switchboard's server knows ${WEB}, but the system does not ask it`, 'm'),
    );
    expect(install).toMatch(/^installed: cluster\.local to 127\.0\.0\.1:1053\n\[0\]$/m);
    expect(after).toMatch(new RegExp(`^10\\.96\\.0\\.10 +${WEB}\n192\\.0\\.2\\.7 +outside\\.example$`, 'm'));
    expect(after).toMatch(/^installed: cluster\.local is asked at 127\.0\.0\.1:1053, by .*: works$/m);
    expect(after).toMatch(new RegExp(`^${WEB} resolves to 10\\.96\\.0\\.10, by `, 'm'));
    expect(offline).toMatch(new RegExp(`^offline\n${WEB} does not resolve: systemd-resolved uses no server`));
    expect(uninstall).toMatch(/^uninstalled\n\[0\]\n192\.0\.2\.7 +outside\.example\nls: cannot access /m);
  }, 60_000);
});

/** A link with an address, without which resolved asks nobody, and a server that it was given. */
const LINK = `
ip link add v0 type veth peer name v1
ip addr add 192.0.2.1/24 dev v0
ip link set v0 up
ip link set v1 up
mkdir -p /run/systemd/netif/links
printf 'ADMIN_STATE=configured\\nOPER_STATE=routable\\nDNS=192.0.2.1\\n' > /run/systemd/netif/links/$(ip -o link show v0 | cut -d: -f1)
dnsmasq --conf-file=/dev/null --user=root --pid-file= --listen-address=192.0.2.1 --bind-interfaces --no-resolv --no-hosts --address=/outside.example/192.0.2.7
until_network() { for i in $(seq 100); do getent hosts outside.example >/dev/null && break; sleep 0.05; done; }
`;

/** Starts it, and waits until its stub listens. */
function starter(program: string, libraryPath: string): string {
  return `#!/bin/bash
LD_LIBRARY_PATH=${libraryPath} ${program} >/dev/null 2>&1 &
echo $! > /run/resolved.pid
for i in $(seq 200); do dig @127.0.0.53 +tries=1 +time=1 SOA outside.example 2>&1 | grep -q 'status: ' && exit 0; sleep 0.05; done
echo 'systemd-resolved does not answer'
exit 1
`;
}

/** There is no systemd in here; this is what it would do. */
const SYSTEMCTL = `#!/bin/bash
[ "$1 $2" = "reload-or-restart systemd-resolved" ] || exit 1
kill $(cat /run/resolved.pid)
while [ -e /proc/$(cat /run/resolved.pid)/exe ]; do sleep 0.02; done
exec start
`;

async function libraries(root: string): Promise<string> {
  const files = await readdir(root, { recursive: true });
  const found = files.find(file => /libsystemd-shared-\d+\.so$/.test(file));
  return join(root, dirname(found ?? ''));
}
