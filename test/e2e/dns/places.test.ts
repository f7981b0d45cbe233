/** The addresses that DNS listens on: given ones, or the first available one in `up`. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { createDns, type Dns } from '../../../src/dns/index.ts';
import { systemCodeOf } from '../../../src/errors.ts';
import { ObjectStore } from '../../../src/world/index.ts';
import { folder, serviceTo, switchboard, up } from '../../support/cli.ts';
import { addressed, FakeUpstream } from '../../support/dns-upstream.ts';
import { hear, query, UdpClient } from './client.ts';

const FREE = { address: '127.0.0.1', port: 0 };

async function tcpHolder(): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { port, [Symbol.asyncDispose]: () => new Promise(done => server.close(() => done())) };
}

async function udpHolder(): Promise<{ port: number } & AsyncDisposable> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port, [Symbol.asyncDispose]: () => new Promise(done => socket.close(() => done())) };
}

async function withDns(body: (dns: Dns) => Promise<void>): Promise<void> {
  const dns = createDns({ store: new ObjectStore() });
  try {
    await body(dns);
  } finally {
    await dns.close();
  }
}

test('listens on the first address that is available for both protocols', async () => {
  await using tcp = await tcpHolder();
  await using udp = await udpHolder();
  await withDns(async dns => {
    const refusals = await dns.listenAtFirst([{ ...FREE, port: tcp.port }, { ...FREE, port: udp.port }, FREE, FREE]);
    expect(refusals.map(({ place, protocol, error }) => [place.port, protocol, systemCodeOf(error)])).toEqual([
      [tcp.port, 'TCP', 'EADDRINUSE'],
      [udp.port, 'UDP', 'EADDRINUSE'],
    ]);
    expect(dns.addresses).toEqual([{ address: '127.0.0.1', port: expect.any(Number) }]);
  });
});

test('listens nowhere and does not fail if no address is available', async () => {
  await using tcp = await tcpHolder();
  await withDns(async dns => {
    expect(await dns.listenAtFirst([{ ...FREE, port: tcp.port }])).toHaveLength(1);
    expect(dns.addresses).toEqual([]);
  });
});

test('several `up` run side by side, and each reports its DNS address or that it has none', async () => {
  await using here = await folder({ 'web.yaml': serviceTo('web', 8080, 9) });
  const running = await Promise.all([up(['-f', here.path]), up(['-f', here.path])]);
  const said = running.map(({ stderr }) => stderr.match(/^(?:dns: listening on \S+|note: no DNS: ).*$/gm) ?? []);
  for (const lines of said) expect(lines).toHaveLength(1);
  // Other processes may use any of the default ports, but these two have no port in common.
  const places = said.flat().flatMap(line => /listening on (127\.0\.0\.1:\d+) /.exec(line)?.[1] ?? []);
  expect(new Set(places).size).toBe(places.length);
  for (const place of places) expect(place).toMatch(/:(53|105[3-9])$/);
  expect(await Promise.all(running.map(one => one.stop()))).toEqual([0, 0]);
});

test('--no-dns switches DNS off, and --dns fails if its address is not available', async () => {
  await using here = await folder({ 'web.yaml': serviceTo('web', 8080, 9) });
  const quiet = await up(['-f', here.path, '--no-dns']);
  expect(quiet.stderr).not.toMatch(/dns/i);
  expect(await quiet.stop()).toBe(0);
  await using tcp = await tcpHolder();
  const { code, stderr } = await switchboard(['up', '-f', here.path, '--dns', `127.0.0.1:${tcp.port}`]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/cannot answer DNS on .* is held by .*\(SWB_LISTEN_FAILED\)/);
});

test('--dns-forward names the upstream of all other names, and --no-dns-forward refuses them', async () => {
  await using here = await folder({ 'web.yaml': serviceTo('web', 8080, 9) });
  const upstream = await FakeUpstream.start(addressed('192.0.2.7'));
  const answers = async (flags: readonly string[]): Promise<(string | string[])[]> => {
    const running = await up(['-f', here.path, '--dns', '127.0.0.1:0', ...flags]);
    const client = new UdpClient({
      address: '127.0.0.1',
      port: Number(/dns: listening on 127\.0\.0\.1:(\d+) /.exec(running.stderr)?.[1]),
    });
    try {
      const heard: (string | string[])[] = [];
      for (const name of ['web.default.svc.cluster.local', 'host.corp.example', 'host.example.org', 'host.test']) {
        const { rcode, answers: records } = hear(await client.ask(query(name)));
        heard.push(rcode === 'NOERROR' ? records.map(record => record.split(' ').at(-1) ?? '') : rcode);
      }
      return heard;
    } finally {
      client.close();
      await running.stop();
    }
  };
  const own = [expect.stringMatching(/^127\./)];
  try {
    const place = `127.0.0.1:${upstream.port}`;
    expect(await answers(['--dns-forward', place])).toEqual([own, ['192.0.2.7'], ['192.0.2.7'], ['192.0.2.7']]);
    const refused = [own, 'REFUSED', 'REFUSED', 'NXDOMAIN'];
    expect(await answers(['--no-dns-forward'])).toEqual(refused);
  } finally {
    await upstream.close();
  }
});

test.each([
  [['up', '--no-dns', '--dns', '127.0.0.1:0'], '--dns and --no-dns exclude each other'],
  [['up', '--dns', '127.0.0.1:0', '--no-dns'], '--dns and --no-dns exclude each other'],
  [['up', '--no-dns-forward', '--dns-forward', '192.0.2.1'], '--dns-forward and --no-dns-forward exclude each other'],
  [['node', '--dns-forward', '192.0.2.1', '--no-dns-forward'], '--dns-forward and --no-dns-forward exclude each other'],
  [['dns', '--no-forward', '--forward', '192.0.2.1'], '--forward and --no-forward exclude each other'],
  [['dns', '--forward', '192.0.2.1', '--no-forward'], '--forward and --no-forward exclude each other'],
  [['dns', '--forward', '=192.0.2.1'], '"=192.0.2.1" is not a DNS server: it is written [ZONE=]IP[:PORT]'],
  [['dns', '--namespaces', ' ,,'], 'It names no namespace.'],
  [['lint', '--only', ','], 'It names no rule.'],
])('%j is an error', async ([command = '', ...flags], why) => {
  await using here = await folder({ 'web.yaml': serviceTo('web', 8080, 9) });
  const input = command === 'node' ? [] : command === 'lint' ? [here.path] : ['-f', here.path];
  const { code, stderr } = await switchboard([command, ...input, ...flags]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
});

test.each([
  ['an invalid server', ['up', '--dns-forward', 'nowhere'], '"nowhere" is not a DNS server'],
  ['and no DNS', ['up', '--no-dns', '--dns-forward', '192.0.2.1'], 'which --no-dns switches off'],
  ['on a node without DNS', ['node', '--dns-forward', '192.0.2.1'], '--dns-forward needs DNS: add --dns ADDRESS:PORT'],
])('--dns-forward with %s is refused', async (_what, [command = '', ...flags], why) => {
  await using here = await folder({ 'web.yaml': serviceTo('web', 8080, 9) });
  const input = command === 'up' ? ['-f', here.path] : [];
  const { code, stderr } = await switchboard([command, ...input, ...flags]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
});
