import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type Server as HttpServer, request } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Locate } from './dial.ts';
import { type NameProxy, openNameProxy, proxyEnvironment } from './proxy.ts';

let web: HttpServer;
let echo: Server;
let proxy: NameProxy;

function portOf(server: Server | HttpServer): number {
  const { port } = server.address() as AddressInfo;
  return port;
}

const locate: Locate = (host, port) => {
  if (host === 'web' || host === 'web.shop.localhost') return { kind: 'dial', host: '127.0.0.1', port: portOf(web) };
  if (host === 'echo' && port === 7) return { kind: 'dial', host: '127.0.0.1', port: portOf(echo) };
  if (host === 'gone') return { kind: 'dial', host: '127.0.0.1', port: 1 };
  return { kind: 'nothing', why: `there is no ${host}:${port}` };
};

beforeAll(async () => {
  web = createHttpServer((asked, response) => {
    let body = '';
    asked.on('data', chunk => {
      body += chunk;
    });
    asked.on('end', () => response.end(`${asked.method} ${asked.url} ${asked.headers.host} ${body}`));
  });
  web.on('upgrade', (_asked, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\nswitched'));
  echo = createServer(socket => void socket.pipe(socket));
  await new Promise<void>(done => web.listen(0, '127.0.0.1', done));
  await new Promise<void>(done => echo.listen(0, '127.0.0.1', done));
  proxy = await openNameProxy(locate);
});
afterAll(() => {
  proxy.close();
  web.close();
  echo.close();
});

/** Sends bytes, waits until as many came back as expected, and gives them. */
async function talk(socket: Socket, send: Buffer | string, bytes: number): Promise<Buffer> {
  socket.write(send);
  let got = Buffer.alloc(0);
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    got = Buffer.concat([got, chunk]);
    if (got.length >= bytes) break;
  }
  return got;
}

async function client(port = proxy.port): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await new Promise<void>(done => socket.once('connect', () => done()));
  return socket;
}

function ask(
  path: string,
  host: string,
  options: { method?: string; body?: string; port?: number } = {},
): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', body = '', port = proxy.port } = options;
    const asking = request({ host: '127.0.0.1', port, path, method, headers: { host }, agent: false });
    asking.on('error', reject);
    asking.on('response', answer => {
      let text = '';
      answer.on('data', chunk => {
        text += chunk;
      });
      answer.on('end', () => resolve([answer.statusCode ?? 0, text]));
    });
    asking.end(body);
  });
}

describe('HTTP', () => {
  test('a request for a whole URL goes where its host leads', async () => {
    expect(await ask('http://web/a?b=1', 'web')).toEqual([200, 'GET /a?b=1 web ']);
    expect(await ask('http://web/', 'web', { method: 'POST', body: 'data' })).toEqual([200, 'POST / web data']);
  });

  test('so does one for a path of NAME.localhost, and a switch of protocols', async () => {
    expect(await ask('/a', `web.shop.localhost:${proxy.port}`)).toEqual([
      200,
      `GET /a web.shop.localhost:${proxy.port} `,
    ]);
    const socket = await client();
    const head = 'GET /x HTTP/1.1\r\nhost: web.shop.localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n';
    expect(String(await talk(socket, head, 44))).toMatch(/101 Switching.*switched$/s);
    socket.destroy();
  });

  test('CONNECT carries bytes both ways', async () => {
    const socket = await client();
    expect(String(await talk(socket, 'CONNECT echo:7 HTTP/1.1\r\nhost: echo:7\r\n\r\n', 39))).toMatch(
      /^HTTP\/1.1 200 /,
    );
    expect(String(await talk(socket, 'hello', 5))).toBe('hello');
    socket.destroy();
  });

  test('what leads nowhere is told', async () => {
    expect(await ask('http://nothing:81/', 'nothing:81')).toEqual([502, 'there is no nothing:81\n']);
    expect((await ask('http://gone/', 'gone'))[0]).toBe(502);
    expect((await ask('/', 'example.com'))[0]).toBe(400);
    const socket = await client();
    expect(String(await talk(socket, 'CONNECT nothing:81 HTTP/1.1\r\n\r\n', 10))).toMatch(/^HTTP\/1.1 (400|502)/);
    socket.destroy();
  });
});

describe('by way of a proxy at a path', () => {
  test('both are carried, and what goes wrong is told from there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'switchboard-relay-'));
    const path = join(folder, 'outside.sock');
    const far = await openNameProxy(locate, { path });
    const near = await openNameProxy((host, port = 80) => ({ kind: 'relay', path, host, port }));
    try {
      expect(await ask('http://web/a', 'web', { port: near.port })).toEqual([200, 'GET /a web ']);
      expect(await ask('http://nothing:81/', 'x', { port: near.port })).toEqual([502, 'there is no nothing:81\n']);
      const socket = await client(near.port);
      await talk(socket, 'CONNECT echo:7 HTTP/1.1\r\nhost: echo:7\r\n\r\n', 39);
      expect(String(await talk(socket, 'hello', 5))).toBe('hello');
      socket.destroy();
      far.close();
      expect((await ask('http://web/a', 'web', { port: near.port }))[0]).toBe(502);
    } finally {
      near.close();
      far.close();
      await rm(folder, { recursive: true });
    }
  });
});

describe('SOCKS 5', () => {
  const name = (host: string, port: number) =>
    Buffer.concat([Buffer.of(5, 1, 0, 3, host.length), Buffer.from(host), Buffer.of(port >> 8, port & 255)]);

  test('carries bytes both ways to a name', async () => {
    const socket = await client();
    expect([...(await talk(socket, Buffer.of(5, 2, 2, 0), 2))]).toEqual([5, 0]);
    expect([...(await talk(socket, name('echo', 7), 10))].slice(0, 2)).toEqual([5, 0]);
    expect(String(await talk(socket, 'hello', 5))).toBe('hello');
    socket.destroy();
  });

  test.each<[what: string, request: Buffer, reply: number]>([
    ['a name that leads nowhere', name('nothing', 7), 1],
    ['one that refuses', name('gone', 1), 5],
    ['another command', Buffer.of(5, 2, 0, 3, 1, 0x61, 0, 7), 7],
    ['another kind of address', Buffer.of(5, 1, 0, 9), 8],
  ])('%s', async (_what, asked, reply) => {
    const socket = await client();
    await talk(socket, Buffer.of(5, 1, 0), 2);
    expect((await talk(socket, asked, 10))[1]).toBe(reply);
    socket.destroy();
  });

  test('a client that wants a password is told that there is none', async () => {
    const socket = await client();
    expect([...(await talk(socket, Buffer.of(5, 1, 2), 2))]).toEqual([5, 255]);
    socket.destroy();
  });
});

test('variables in capitals and small letters', () => {
  expect(proxyEnvironment(99)).toMatchObject({
    HTTP_PROXY: 'http://127.0.0.1:99',
    https_proxy: 'http://127.0.0.1:99',
    all_proxy: 'socks5h://127.0.0.1:99',
  });
});
