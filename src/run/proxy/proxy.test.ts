import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ask as askAt,
  client as connectTo,
  type ProxyScene,
  proxyScene,
  socksName,
  talk,
} from '../../../test/support/proxy-scene.ts';
import { ProxyCredential } from './credential.ts';
import { dial } from './dial.ts';
import { type NameProxy, openNameProxy, proxyEnvironment } from './proxy.ts';

let scene: ProxyScene;
let proxy: NameProxy;
beforeAll(async () => {
  scene = await proxyScene();
  proxy = await openNameProxy(scene.locate);
});
afterAll(() => {
  proxy.close();
  scene.close();
});

const client = (port = proxy.port) => connectTo(port);
const ask = (path: string, host: string, options: Partial<Parameters<typeof askAt>[2]> = {}) =>
  askAt(path, host, { port: proxy.port, ...options });

describe('HTTP', () => {
  test('forwards a request with an absolute URL to its host', async () => {
    expect(await ask('http://web/a?b=1', 'web')).toEqual([200, 'GET /a?b=1 web ']);
    expect(await ask('http://web/', 'web', { method: 'POST', body: 'data' })).toEqual([200, 'POST / web data']);
  });

  test('forwards a request with a path to NAME.localhost, and a switch of protocols', async () => {
    expect(await ask('/a', `web.shop.localhost:${proxy.port}`)).toEqual([
      200,
      `GET /a web.shop.localhost:${proxy.port} `,
    ]);
    const socket = await client();
    const head = 'GET /x HTTP/1.1\r\nhost: web.shop.localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n';
    expect(String(await talk(socket, head, 44))).toMatch(/101 Switching.*switched with connection,upgrade,host$/s);
    socket.destroy();
  });

  test('relays bytes in both directions after CONNECT', async () => {
    const socket = await client();
    expect(String(await talk(socket, 'CONNECT echo:7 HTTP/1.1\r\nhost: echo:7\r\n\r\n', 39))).toMatch(
      /^HTTP\/1.1 200 /,
    );
    expect(String(await talk(socket, 'hello', 5))).toBe('hello');
    socket.destroy();
  });

  test('does not pass on hop-by-hop headers, nor those that Connection names', async () => {
    const headers = {
      host: 'web',
      connection: 'keep-alive, X-Hop, Content-Length, Host',
      'proxy-connection': 'x-other',
      'x-hop': '1',
      'x-other': '2',
      te: 'trailers',
      'proxy-authorization': 'Basic eA==',
      'x-end': '3',
    };
    const [status, text] = await ask('http://web/headers', 'web', { headers, method: 'POST', body: 'data' });
    expect(status).toBe(200);
    const received: unknown = JSON.parse(text);
    expect(received).toMatchObject({ host: 'web', 'x-end': '3' });
    for (const name of ['x-hop', 'x-other', 'te', 'proxy-authorization', 'proxy-connection']) {
      expect(received).not.toHaveProperty(name);
    }
  });

  test('reports why a host cannot be reached', async () => {
    expect(await ask('http://nothing:81/', 'nothing:81')).toEqual([502, 'there is no nothing:81\n']);
    expect((await ask('http://gone/', 'gone'))[0]).toBe(502);
    expect((await ask('/', 'example.com'))[0]).toBe(400);
    const socket = await client();
    expect(String(await talk(socket, 'CONNECT nothing:81 HTTP/1.1\r\n\r\n', 10))).toMatch(/^HTTP\/1.1 (400|502)/);
    socket.destroy();
  });
});

describe('through another process that connects', () => {
  test('forwards HTTP and CONNECT, and reports its errors', async () => {
    const near = await openNameProxy((address, port = 80) => ({
      kind: 'through',
      connect: to => dial(scene.locate(to.address, to.port)),
      to: { address, port },
    }));
    try {
      expect(await ask('http://web/a', 'web', { port: near.port })).toEqual([200, 'GET /a web ']);
      expect(await ask('http://nothing:81/', 'x', { port: near.port })).toEqual([502, 'there is no nothing:81\n']);
      const socket = await client(near.port);
      await talk(socket, 'CONNECT echo:7 HTTP/1.1\r\nhost: echo:7\r\n\r\n', 39);
      expect(String(await talk(socket, 'hello', 5))).toBe('hello');
      socket.destroy();
    } finally {
      near.close();
    }
  });
});

describe('SOCKS 5', () => {
  test('relays bytes in both directions to a name', async () => {
    const socket = await client();
    expect([...(await talk(socket, Buffer.of(5, 2, 2, 0), 2))]).toEqual([5, 0]);
    expect([...(await talk(socket, socksName('echo', 7), 10))].slice(0, 2)).toEqual([5, 0]);
    expect(String(await talk(socket, 'hello', 5))).toBe('hello');
    socket.destroy();
  });

  test.each<[what: string, request: Buffer, reply: number]>([
    ['answers a name that does not exist with a failure', socksName('nothing', 7), 1],
    ['answers a refused connection with that reply', socksName('gone', 1), 5],
    ['rejects a command other than CONNECT', Buffer.of(5, 2, 0, 3, 1, 0x61, 0, 7), 7],
    ['rejects an unknown type of address', Buffer.of(5, 1, 0, 9), 8],
  ])('%s', async (_what, asked, reply) => {
    const socket = await client();
    await talk(socket, Buffer.of(5, 1, 0), 2);
    expect((await talk(socket, asked, 10))[1]).toBe(reply);
    socket.destroy();
  });

  test('rejects a client that offers a password only', async () => {
    const socket = await client();
    expect([...(await talk(socket, Buffer.of(5, 1, 2), 2))]).toEqual([5, 255]);
    socket.destroy();
  });
});

test('sets the variables in upper and lower case', () => {
  expect(proxyEnvironment({ port: 99 })).toMatchObject({
    HTTP_PROXY: 'http://127.0.0.1:99',
    https_proxy: 'http://127.0.0.1:99',
    all_proxy: 'socks5h://127.0.0.1:99',
  });
  const credential = new ProxyCredential();
  const { HTTPS_PROXY, ALL_PROXY } = proxyEnvironment({ port: 99, credential });
  expect([HTTPS_PROXY, ALL_PROXY]).toEqual([
    `http://switchboard:${credential.password}@127.0.0.1:99`,
    `socks5h://switchboard:${credential.password}@127.0.0.1:99`,
  ]);
});
