/**
 * Runs `switchboard dns` as a process, edits its manifests, and queries it with dig over UDP and TCP.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../../testing/eventually.ts';
import { commandsMissing, titled } from '../../../testing/requirements.ts';
import { folder, Running, serviceTo, switchboard, up } from '../../support/cli.ts';

const WEB = (address: string) => `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { clusterIP: ${address}, ports: [{ name: http, port: 80, targetPort: 8080 }] }
---
apiVersion: v1
kind: Service
metadata: { name: out, namespace: shop }
spec: { type: ExternalName, externalName: www.example.org }
---
`;
/** A StatefulSet whose pods do not run, and a pod with a status among the manifests. */
const STATEFUL = `apiVersion: v1
kind: Service
metadata: { name: db }
spec: { clusterIP: None, selector: { app: db }, ports: [{ name: pg, port: 5432 }] }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  serviceName: db
  replicas: 2
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec: { containers: [{ name: main, image: none, ports: [{ name: pg, containerPort: 5432 }] }] }
---
apiVersion: v1
kind: Pod
metadata: { name: db-0, labels: { app: db } }
spec: { hostname: db-0, subdomain: db, containers: [{ name: main, image: none }] }
status: { phase: Running, podIP: 10.1.0.7, podIPs: [{ ip: 10.1.0.7 }], conditions: [{ type: Ready, status: "True" }] }
---
`;

let files: Awaited<ReturnType<typeof folder>>;
let running: Running;
let port: string;
beforeAll(async () => {
  files = await folder({ 'web.yaml': WEB('10.96.0.10'), 'db.yaml': STATEFUL });
  running = new Running([
    ...['dns', '-f', files.path, '--listen', '127.0.0.1:0', '--no-forward', '--ttl', '7'],
    ...['--zone', 'cluster.local', '--zone', '96.10.in-addr.arpa', '--server-address', '10.96.0.53'],
  ]);
  port = (await running.until(/^dns: listening on 127\.0\.0\.1:(\d+) \(UDP and TCP\)$/m))[1] ?? '';
});
afterAll(async () => {
  running.signal('SIGKILL');
  await files[Symbol.asyncDispose]();
});

const noDig = commandsMissing('dig');
const withDig = test.skipIf(noDig !== undefined);

/** The answer section that dig prints, or the status if it is empty. */
async function dig(...args: string[]): Promise<string[]> {
  const options = ['@127.0.0.1', '-p', port, '+tries=1', '+time=5', '+noall', '+comments', '+answer'];
  const { stdout } = await promisify(execFile)('dig', [...options, ...args]);
  const lines = stdout.split('\n').map(line => line.replace(/\s+/g, ' ').trim());
  const answers = lines.filter(line => line !== '' && !line.startsWith(';'));
  return answers.length > 0 ? answers : [/status: (\w+)/.exec(stdout)?.[1] ?? stdout];
}

describe.skipIf(noDig !== undefined).each(['+notcp', '+tcp'])(titled('dig %s', noDig), how => {
  test.each([
    ['web.default.svc.cluster.local', 'A', ['web.default.svc.cluster.local. 7 IN A 10.96.0.10']],
    [
      '_http._tcp.web.default.svc.cluster.local',
      'SRV',
      ['_http._tcp.web.default.svc.cluster.local. 7 IN SRV 0 100 80 web.default.svc.cluster.local.'],
    ],
    ['web.default.svc.cluster.local', 'AAAA', ['NOERROR']],
    ['missing.default.svc.cluster.local', 'A', ['NXDOMAIN']],
    ['db.default.svc.cluster.local', 'A', ['db.default.svc.cluster.local. 7 IN A 10.1.0.7']],
    ['db-0.db.default.svc.cluster.local', 'A', ['db-0.db.default.svc.cluster.local. 7 IN A 10.1.0.7']],
    ['db-1.db.default.svc.cluster.local', 'A', ['NXDOMAIN']],
    ['out.shop.svc.cluster.local', 'A', ['out.shop.svc.cluster.local. 7 IN CNAME www.example.org.']],
    ['10.0.96.10.in-addr.arpa', 'PTR', ['10.0.96.10.in-addr.arpa. 7 IN PTR web.default.svc.cluster.local.']],
    ['ns.dns.cluster.local', 'A', ['ns.dns.cluster.local. 7 IN A 10.96.0.53']],
    ['dns-version.cluster.local', 'TXT', ['dns-version.cluster.local. 28800 IN TXT "1.1.0"']],
    ['example.org', 'A', ['REFUSED']],
  ])('%s %s', async (name, type, expected) => {
    expect(await dig(how, name, type)).toEqual(expected);
  });
});

withDig(
  titled('answers change with an edit of the manifest, and stay after an edit that does not parse', noDig),
  async () => {
    await writeFile(join(files.path, 'web.yaml'), WEB('10.96.0.77'));
    await eventually('the new address', async () => {
      const [answer] = await dig('web.default.svc.cluster.local', 'A');
      return answer?.endsWith('10.96.0.77') === true ? answer : undefined;
    });
    await writeFile(join(files.path, 'web.yaml'), WEB('nonsense'));
    await running.until(/^error: .*nonsense/m, 'stderr');
    expect(await dig('web.default.svc.cluster.local', 'A')).toEqual([
      'web.default.svc.cluster.local. 7 IN A 10.96.0.77',
    ]);
    await writeFile(join(files.path, 'web.yaml'), WEB('10.96.0.77'));
  },
);

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends the command with exit code 0 and one line of output',
  async signal => {
    const other = new Running([
      'dns',
      '-f',
      files.path,
      '--listen',
      '127.0.0.1:0',
      '--listen',
      '[::1]:0',
      '--no-forward',
    ]);
    await other.until(/^dns: listening on 127\.0\.0\.1:\d+, \[::1\]:\d+ \(UDP and TCP\)$/m);
    other.signal(signal);
    expect(await other.exited).toBe(0);
    expect(other.stdout.split('\n')).toHaveLength(2);
  },
);

withDig(titled('--sockets answers on every socket', noDig), async () => {
  const flags = ['--listen', '127.0.0.1:0', '--sockets', '3', '--no-forward'];
  const several = new Running(['dns', '-f', files.path, ...flags]);
  const own = (await several.until(/^dns: listening on 127\.0\.0\.1:(\d+)/m))[1] ?? '';
  const name = 'out.shop.svc.cluster.local';
  // dig uses another port each time.
  for (let asked = 0; asked < 20; asked++) {
    expect(await dig('-p', own, name)).toEqual([`${name}. 5 IN CNAME www.example.org.`]);
  }
  expect(await several.stop()).toBe(0);
  expect(several.stderr).toBe('');
});

withDig(titled('--metrics counts the answers of all sockets', noDig), async () => {
  const flags = ['--listen', '127.0.0.1:0', '--sockets', '2', '--forward', '192.0.2.1', '--metrics', '127.0.0.1:0'];
  const measured = new Running(['dns', '-f', files.path, ...flags]);
  const own = (await measured.until(/^dns: listening on 127\.0\.0\.1:(\d+)/m))[1] ?? '';
  const place = (await measured.until(/^metrics: http:\/\/(127\.0\.0\.1:\d+)\/metrics$/m, 'stderr'))[1] ?? '';
  for (let asked = 0; asked < 10; asked++) await dig('-p', own, 'none.default.svc.cluster.local');
  const text = await (await fetch(`http://${place}/metrics`)).text();
  const answered = [...text.matchAll(/responses_total\{zone="cluster.local".*rcode="NXDOMAIN".*\} (\d+)/g)];
  expect(answered.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(10);
  expect(text).toContain('# TYPE switchboard_dns_response_duration_seconds histogram');
  expect(text).toContain('switchboard_dns_forward_up{to="192.0.2.1:53"} 1');
  expect((await fetch(`http://${place}/`)).status).toBe(404);
  expect(await measured.stop()).toBe(0);
});

describe('refuses', () => {
  test.each([
    ['a port without an address', ['--listen', '53'], '--listen 53: not an address and a port'],
    ['an invalid zone name', ['--zone', 'a..b'], '--zone a..b: a zone is a name'],
    ['an upstream that is not an IP address', ['--forward', 'nowhere'], '"nowhere" is not a DNS server'],
    ['a TTL out of range', ['--ttl', '99999'], 'It must be a whole number from 0 to 3600'],
    ['a number of sockets out of range', ['--sockets', '0'], 'It must be a whole number from 1 to 64'],
    ['an invalid address', ['--server-address', 'x'], '--server-address x is not an IP address'],
  ])('%s', async (_what, flags, text) => {
    const { code, stderr, stdout } = await switchboard(['dns', '-f', files.path, '--listen', '127.0.0.1:0', ...flags]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(text);
  });

  test('a port in use, and reports the process that holds it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const place = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const { code, stderr } = await switchboard(['dns', '-f', files.path, '--listen', place]);
    server.close();
    expect(code).toBe(2);
    expect(stderr).toContain(`cannot answer DNS on ${place} (TCP)`);
    expect(stderr).toMatch(/is held by node \(pid \d+\); choose another port \(SWB_LISTEN_FAILED\)/);
  });
});

describe('beside `up`', () => {
  const SERVED = `${WEB('10.96.0.10')}${serviceTo('api', 8080, 9)}`;

  withDig(
    titled('--dns answers with the addresses that Services listen on, and so does dns --addresses local', noDig),
    async () => {
      await using here = await folder({ 'all.yaml': SERVED });
      const serving = await up(['-f', here.path, '--dns', '127.0.0.1:0', '--cluster-domain', 'cluster.example']);
      const listens = serving.address('default/api').replace(/:\d+$/, '');
      const place = /^dns: listening on 127\.0\.0\.1:(\d+)/m.exec(serving.stderr)?.[1] ?? '';
      const name = 'api.default.svc.cluster.example';
      expect(await dig('-p', place, name, 'A')).toEqual([`${name}. 5 IN A ${listens}`]);
      const beside = new Running([
        'dns',
        '-f',
        here.path,
        '--addresses',
        'local',
        '--listen',
        '127.0.0.1:0',
        '--no-forward',
      ]);
      const other = (await beside.until(/^dns: listening on 127\.0\.0\.1:(\d+)/m))[1] ?? '';
      const usual = 'api.default.svc.cluster.local';
      expect(await dig('-p', other, usual, 'A')).toEqual([`${usual}. 5 IN A ${listens}`]);
      expect(await beside.stop()).toBe(0);
      expect(await serving.stop()).toBe(0);
    },
  );
});
