import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { selfSigned } from '../../../testing/certificate.ts';
import { commandsMissing, titled } from '../../../testing/requirements.ts';
import type { Container, Probe, ProbeAction } from '../../kube/index.ts';
import { execIn } from '../processes/exec.ts';
import { runProbe } from './probe.ts';

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

/** @returns the port */
async function listen(server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  opened.push(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function http(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  opened.push(() => server.closeAllConnections());
  return listen(server);
}

const CONTAINER: Container = { name: 'web', command: ['x'], args: [], env: [], envFrom: [], ports: [] };

async function probe(action: ProbeAction, more: Partial<Probe> = {}, container = CONTAINER): Promise<string> {
  const whole: Probe = {
    action,
    initialDelaySeconds: 0,
    periodSeconds: 10,
    timeoutSeconds: 20,
    successThreshold: 1,
    failureThreshold: 3,
    ...more,
  };
  const env = { PATH: process.env.PATH ?? '', NAME: 'web' };
  const view = { launch: (words: readonly string[], cwd: string) => ({ words, cwd }) };
  return (
    (await runProbe(whole, {
      container,
      place: { ip: '127.0.0.1' },
      program: { exec: (command, signal, late) => execIn(command, { view, env, cwd: tmpdir() }, signal, late) },
    })) ?? 'success'
  );
}

function httpGet(port: number | string, more: Partial<ProbeAction & { kind: 'httpGet' }> = {}): ProbeAction {
  return { kind: 'httpGet', path: '/ready', port, scheme: 'HTTP', headers: [], ...more };
}

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createTcpServer();
  const port = await listen(server);
  await new Promise(resolve => server.close(resolve));
  return port;
}

describe('httpGet', () => {
  test.each([
    [200, 'success'],
    [204, 'success'],
    [301, 'success'],
    [399, 'success'],
    [400, 'GET /ready on port PORT answered 400'],
    [404, 'GET /ready on port PORT answered 404'],
    [500, 'GET /ready on port PORT answered 500'],
  ])('that is answered with %d: %s', async (status, expected) => {
    const port = await http((_request, response) => response.writeHead(status).end());
    expect(await probe(httpGet(port))).toBe(expected.replace('PORT', String(port)));
  });

  async function asked(more: Partial<ProbeAction & { kind: 'httpGet' }>): Promise<IncomingMessage> {
    const seen = Promise.withResolvers<IncomingMessage>();
    const port = await http((request, response) => {
      seen.resolve(request);
      response.end();
    });
    expect(await probe(httpGet(port, more))).toBe('success');
    return seen.promise;
  }

  test.each([
    ['/ready?deep=1', '/ready?deep=1'],
    ['ready', '/ready'],
    ['/a b', '/a%20b'],
    ['/grün', '/gr%C3%BCn'],
    ['/100%25', '/100%25'],
  ])('asks for the path %s', async (path, url) => {
    expect((await asked({ path })).url).toBe(url);
  });

  test('sends its user agent and the headers of the manifest', async () => {
    expect((await asked({})).headers).toMatchObject({ 'user-agent': expect.stringMatching(/^kube-probe\//) });
    const { headers } = await asked({
      headers: [
        ['X-Key', 'a'],
        ['Host', 'shop.example'],
        ['User-Agent', 'me'],
      ],
    });
    expect(headers).toMatchObject({ 'x-key': 'a', host: 'shop.example', 'user-agent': 'me' });
  });

  test('fails with the reason if HTTP cannot carry a header', async () => {
    const port = await http((_request, response) => response.end());
    expect(await probe(httpGet(port, { headers: [['X-Key', 'a\nb']] }))).toMatch(/[Ii]nvalid character/);
  });

  test('does not wait for an endless body', async () => {
    const port = await http((_request, response: ServerResponse) => {
      response.write('x');
    });
    expect(await probe(httpGet(port))).toBe('success');
  });

  test('fails without an answer in time', async () => {
    const port = await http(() => undefined);
    expect(await probe(httpGet(port), { timeoutSeconds: 0.05 })).toBe(
      `GET /ready on port ${port}: no answer within 0.05 s`,
    );
  });

  test('fails where nothing listens', async () => {
    expect(await probe(httpGet(await closedPort()))).toMatch(/^GET \/ready on port \d+: .*refused/i);
  });

  test('fails for a server of another protocol', async () => {
    const port = await listen(createTcpServer(socket => socket.on('error', () => undefined).end('220 mail ready\r\n')));
    expect(await probe(httpGet(port))).toMatch(/^GET \/ready on port \d+: Parse Error/);
  });

  test('resolves a port by its name in the container', async () => {
    const port = await http((_request, response) => response.end());
    const named: Container = { ...CONTAINER, ports: [{ name: 'http', protocol: 'TCP', containerPort: port }] };
    expect(await probe(httpGet('http'), {}, named)).toBe('success');
    expect(await probe(httpGet('htp'), {}, named)).toBe('the container has no port named "htp"');
  });

  test('connects to the host of the manifest', async () => {
    const port = await http((_request, response) => response.end());
    expect(await probe(httpGet(port, { host: '127.0.0.1' }))).toBe('success');
    expect(await probe(httpGet(port, { host: '127.0.0.2' }))).toMatch(/refused/i);
  });

  const noOpenssl = commandsMissing('openssl');
  test.skipIf(noOpenssl !== undefined)(titled('accepts any certificate with HTTPS', noOpenssl), async () => {
    const server = createHttpsServer(await selfSigned('another-name'), (_request, response) => response.end());
    opened.push(() => server.closeAllConnections());
    const port = await listen(server);
    expect(await probe(httpGet(port, { scheme: 'HTTPS' }))).toBe('success');
    expect(await probe(httpGet(port, { scheme: 'HTTP' }))).not.toBe('success');
  });
});

describe('tcpSocket', () => {
  test('succeeds when the connection is accepted', async () => {
    const port = await listen(createTcpServer(socket => socket.on('error', () => undefined).destroy()));
    expect(await probe({ kind: 'tcpSocket', port })).toBe('success');
  });
  test('fails where nothing listens', async () => {
    const port = await closedPort();
    expect(await probe({ kind: 'tcpSocket', port })).toMatch(new RegExp(`connect to port ${port}: .*refused`, 'i'));
  });
});

describe('exec', () => {
  test.each<[what: string, command: string[], expected: RegExp]>([
    ['succeeds with exit code 0', ['true'], /^success$/],
    ['fails with another exit code', ['sh', '-c', 'exit 3'], /^sh exited with 3$/],
    [
      "has the container's environment and nothing else",
      ['sh', '-c', '[ "$NAME" = web ] && [ -z "$HOME" ]'],
      /^success$/,
    ],
    ['is no shell', ['true', '|', 'false'], /^success$/],
    ['of a program that does not exist', ['no-such-program'], /^no-such-program: .*ENOENT/],
    ['with an argument that no program can get', ['true', 'a\0b'], /null bytes/],
  ])('%s', async (_what, command, expected) => {
    expect(await probe({ kind: 'exec', command })).toMatch(expected);
  });
  test('is killed when it takes too long', async () => {
    expect(await probe({ kind: 'exec', command: ['sleep', '600'] }, { timeoutSeconds: 0.05 })).toBe(
      'sleep: no answer within 0.05 s',
    );
  });
});

describe('grpc', () => {
  interface Answer {
    readonly body?: readonly number[];
    readonly status?: string;
  }

  /** A health server that answers with a length-prefixed message and a status. */
  async function grpc({ body, status = '0' }: Answer): Promise<{ port: number; asked: Promise<[string, Buffer]> }> {
    const asked = Promise.withResolvers<[string, Buffer]>();
    const server = createHttp2Server();
    server.on('sessionError', () => undefined);
    server.on('session', session => opened.unshift(() => session.destroy()));
    server.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      stream.on('data', (data: Buffer) => asked.resolve([String(headers[':path']), data]));
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
      stream.end(body === undefined ? undefined : Buffer.from([0, 0, 0, 0, body.length, ...body]));
    });
    return { port: await listen(server), asked: asked.promise };
  }

  test.each<[what: string, answer: Answer, expected: string]>([
    ['SERVING', { body: [8, 1] }, 'success'],
    ['NOT_SERVING', { body: [8, 2] }, 'health status 2, not SERVING'],
    ['UNKNOWN, which is an empty message', { body: [] }, 'health status 0, not SERVING'],
    ['no message', {}, 'health status unreadable, not SERVING'],
    ['a service that it does not know', { status: '5' }, 'gRPC status 5'],
    ['no health service at all', { status: '12' }, 'gRPC status 12'],
  ])('that is answered with %s', async (_what, answer, expected) => {
    const { port } = await grpc(answer);
    expect(await probe({ kind: 'grpc', port, service: '' })).toBe(expected);
  });

  test.each(['', 'shop', 's'.repeat(300)])('checks the service "%s"', async service => {
    const { port, asked } = await grpc({ body: [8, 1] });
    expect(await probe({ kind: 'grpc', port, service })).toBe('success');
    const [path, message] = await asked;
    expect(path).toBe('/grpc.health.v1.Health/Check');
    expect(message.readUInt32BE(1)).toBe(message.length - 5);
    expect(serviceOf(message.subarray(5))).toBe(service);
  });

  test('fails at once for an endless answer', async () => {
    const server = createHttp2Server();
    server.on('sessionError', () => undefined);
    server.on('session', session => opened.unshift(() => session.destroy()));
    server.on('stream', stream => {
      stream.on('error', () => undefined);
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.write(Buffer.alloc(2048));
    });
    const answer = await probe({ kind: 'grpc', port: await listen(server), service: '' });
    expect(answer).toBe('more than 1024 bytes, which is no health status');
  });

  test('fails for a server that speaks HTTP/1', async () => {
    const port = await http((_request, response) => response.end());
    expect(await probe({ kind: 'grpc', port, service: '' })).not.toBe('success');
  });
  test('fails where nothing listens', async () => {
    expect(await probe({ kind: 'grpc', port: await closedPort(), service: '' })).toMatch(/refused/i);
  });
  test('fails without an answer in time', async () => {
    const port = await listen(createTcpServer(socket => opened.unshift(() => socket.destroy())));
    expect(await probe({ kind: 'grpc', port, service: '' }, { timeoutSeconds: 0.05 })).toBe('no answer in time');
  });
});

/** Reads `string service = 1` as protobuf has it: tag, length as a varint, text. */
function serviceOf(message: Buffer): string {
  if (message.length === 0) return '';
  let length = 0;
  let at = 1;
  for (let shift = 0; ; shift += 7, at += 1) {
    const byte = message[at] ?? 0;
    length += (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  expect(message[0]).toBe(0x0a);
  expect(message.length).toBe(at + 1 + length);
  return message.subarray(at + 1).toString();
}
