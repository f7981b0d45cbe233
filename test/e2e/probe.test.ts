import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { createServer as createTls } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { type EndpointProbe, probeEndpoints } from '../../src/probe/index.ts';
import { selfSigned } from '../../testing/certificate.ts';
import { commandsMissing, titled } from '../../testing/requirements.ts';
import { deployment, folder, HELLO, serviceTo, switchboard, up } from '../support/cli.ts';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function listen(server: Server, host: string): Promise<number> {
  open.push(server);
  await new Promise<void>(resolve => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

async function probe(address: string, port: number, protocol: 'TCP' | 'UDP' = 'TCP'): Promise<EndpointProbe> {
  const [result] = await probeEndpoints([{ address, port, protocol }]);
  if (result === undefined) throw new Error('no result');
  return result;
}

test('reports an HTTP server, its answer and its process', async () => {
  const port = await listen(
    createHttp((_q, s) => s.writeHead(404).end()),
    '127.64.7.1',
  );
  expect(await probe('127.64.7.1', port)).toMatchObject({
    state: 'ok',
    text: expect.stringMatching(/speaks HTTP \(GET \/ answers 404\)/),
  });
});

test('reports a server that sends data first', async () => {
  const port = await listen(
    createServer(socket => socket.on('error', () => undefined).end('220 mail\r\n')),
    '127.64.7.1',
  );
  expect((await probe('127.64.7.1', port)).text).toMatch(/sends data first/);
});

const noOpenssl = commandsMissing('openssl');

test.skipIf(noOpenssl !== undefined)(titled('reports a TLS server', noOpenssl), async () => {
  const server = createTls(await selfSigned('test'));
  server.on('tlsClientError', () => undefined);
  expect((await probe('127.64.7.1', await listen(server, '127.64.7.1'))).text).toMatch(/speaks TLS/);
});

test('reports that nothing listens', async () => {
  const server = createServer();
  const port = await listen(server, '127.64.7.1');
  await new Promise(resolve => server.close(resolve));
  expect(await probe('127.64.7.1', port)).toMatchObject({
    state: 'broken',
    text: expect.stringMatching(/no process listens/),
  });
});

test('reports and names a process that listens on loopback only', async () => {
  const port = await listen(
    createHttp((_q, s) => s.end()),
    '127.0.0.1',
  );
  const result = await probe('127.64.7.1', port);
  expect(result).toMatchObject({ state: 'broken', fix: expect.stringMatching(/POD_IP/) });
  expect(result.text).toMatch(new RegExp(`127\\.0\\.0\\.1:${port} answers: the process listens on loopback only`));
});

test('reports an answer, a refusal and silence over UDP', async () => {
  const echo: UdpSocket = createSocket('udp4', (message, from) => echo.send(message, from.port, from.address));
  const mute = createSocket('udp4');
  open.push(echo, mute);
  await Promise.all([echo, mute].map(socket => new Promise<void>(resolve => socket.bind(0, '127.64.7.1', resolve))));
  expect((await probe('127.64.7.1', echo.address().port, 'UDP')).state).toBe('ok');
  expect((await probe('127.64.7.1', mute.address().port, 'UDP')).state).toBe('unknown');
  const gone = createSocket('udp4');
  await new Promise<void>(resolve => gone.bind(0, '127.64.7.1', resolve));
  const { port } = gone.address();
  await new Promise<void>(resolve => gone.close(resolve));
  expect((await probe('127.64.7.1', port, 'UDP')).text).toMatch(/refuses/);
});

test('explain of files probes endpoints on this machine, unless that is disabled', async () => {
  const server = createServer();
  const port = await listen(server, '127.0.0.1');
  await new Promise(resolve => server.close(resolve));
  const stdin = serviceTo('web', 80, port);
  const dialled = await switchboard(['explain', 'web', '-f', '-'], { stdin });
  expect(dialled.code).toBe(1);
  expect(dialled.stdout).toMatch(/does not reach \(certain\)[\s\S]*process +BROKEN[\s\S]*no process listens/);
  const believed = await switchboard(['explain', 'web', '--probe', 'none', '-f', '-'], { stdin });
  expect(believed.stdout).toMatch(/reaches \(likely\)/);
});

test('explain, get and diff agree with the state of a running up', async () => {
  await using dir = await folder({
    'web.yaml': deployment('web', HELLO, { replicas: 2, container: 'readinessProbe: { tcpSocket: { port: http } }' }),
  });
  const env = { XDG_RUNTIME_DIR: dir.path };
  const none = await switchboard(['explain', 'web', '--against', 'running'], { env });
  expect(none).toMatchObject({ code: 2, stderr: expect.stringMatching(/no "switchboard up" of yours runs/) });
  const running = await up(['--run', '-f', join(dir.path, 'web.yaml')], { env });
  try {
    const address = running.address('default/web');
    await expect
      .poll(async () => (await switchboard(['get', 'routes', '--against', 'running'], { env })).stdout, {
        timeout: 15_000,
      })
      .toMatch(/2\/2 +Ready/);
    expect((await switchboard(['get', 'routes', '--against', 'running'], { env })).stdout).toContain(address);
    const { stdout } = await switchboard(['explain', 'svc/web', '--against', 'running'], { env });
    expect(stdout).toMatch(/reaches \(certain\)/);
    expect(stdout).toContain(`${address} on this machine`);
    expect(stdout).toMatch(/2 of 2 answer a probe[\s\S]*speaks HTTP \(GET \/ answers[\s\S]*200\)/);
    const changed = deployment('web', HELLO, { replicas: 2 }).replace('targetPort: http', 'targetPort: web');
    expect(await switchboard(['diff', 'running', '-'], { env, stdin: changed })).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^BREAKS +breaks/m),
    });
  } finally {
    await running.stop();
  }
});
