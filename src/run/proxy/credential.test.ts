import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, client, type ProxyScene, proxyScene, socksName, talk } from '../../../test/support/proxy-scene.ts';
import { ProxyCredential } from './credential.ts';
import { type NameProxy, openNameProxy } from './proxy.ts';

describe('a proxy with a credential', () => {
  const credential = new ProxyCredential();
  let scene: ProxyScene;
  let guarded: NameProxy;
  beforeAll(async () => {
    scene = await proxyScene();
    guarded = await openNameProxy(scene.locate, { credential });
  });
  afterAll(() => {
    guarded.close();
    scene.close();
  });

  const basic = (userInfo: string) => `Basic ${Buffer.from(userInfo).toString('base64')}`;
  const url = (authorization?: string) =>
    ask('http://web/a', 'web', {
      port: guarded.port,
      headers: { host: 'web', ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }) },
    });

  test.each([
    ['no credential', undefined],
    ['a wrong credential', basic('switchboard:guess')],
    ['a user without a password', basic('switchboard')],
    ['another scheme', `Bearer ${credential.userInfo}`],
  ])('rejects %s, and names the variable that has it', async (_what, header) => {
    expect(await url(header)).toEqual([407, expect.stringContaining('HTTP_PROXY')]);
  });

  test('accepts its credential, and does not pass it on', async () => {
    expect(await url(basic(credential.userInfo))).toEqual([200, 'GET /a web ']);
  });

  test.each([
    ['CONNECT', 'CONNECT echo:7 HTTP/1.1\r\nhost: echo:7\r\n', /^HTTP\/1.1 407 /, /^HTTP\/1.1 200 /],
    [
      'a switch of protocols',
      'GET http://web/ HTTP/1.1\r\nhost: web\r\nconnection: upgrade\r\nupgrade: websocket\r\n',
      /^HTTP\/1.1 407 /,
      /^HTTP\/1.1 101 .*switched/s,
    ],
  ])('requires it for %s', async (_what, head, refused, allowed) => {
    const stranger = await client(guarded.port);
    expect(String(await talk(stranger, `${head}\r\n`, 60))).toMatch(refused);
    stranger.destroy();
    const own = await client(guarded.port);
    const header = `proxy-authorization: ${basic(credential.userInfo)}\r\n`;
    expect(String(await talk(own, `${head}${header}\r\n`, 39))).toMatch(allowed);
    own.destroy();
  });

  test('requires it for SOCKS', async () => {
    const stranger = await client(guarded.port);
    expect([...(await talk(stranger, Buffer.of(5, 1, 0), 2))]).toEqual([5, 255]);
    stranger.destroy();
    for (const [password, answer] of [['guess', 1] as const, [credential.password, 0] as const]) {
      const socket = await client(guarded.port);
      expect([...(await talk(socket, Buffer.of(5, 2, 0, 2), 2))]).toEqual([5, 2]);
      const message = [Buffer.of(1), text(credential.user), text(password)];
      expect([...(await talk(socket, Buffer.concat(message), 2))]).toEqual([1, answer]);
      if (answer === 0) expect([...(await talk(socket, socksName('echo', 7), 10))].slice(0, 2)).toEqual([5, 0]);
      socket.destroy();
    }
  });

  test('serves NAME.localhost without it, since that leads to Services only', async () => {
    const [status] = await ask('/a', `web.shop.localhost:${guarded.port}`, { port: guarded.port });
    expect(status).toBe(200);
  });

  function text(value: string): Buffer {
    return Buffer.concat([Buffer.of(value.length), Buffer.from(value)]);
  }
});
