import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  client as connectTo,
  type ProxyScene,
  portOf,
  proxyScene,
  socksName,
  talk,
} from '../../../test/support/proxy-scene.ts';
import { type Destination, dial } from './dial.ts';
import { type NameProxy, openNameProxy } from './proxy.ts';
import { serveSocks } from './socks.ts';

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

function through(address: string, port: number): Destination {
  return { kind: 'through', connect: to => dial(scene.locate(to.address, to.port)), to: { address, port } };
}

test('a SOCKS greeting may arrive byte by byte, and one that stays incomplete keeps nobody waiting', async () => {
  const incomplete = await client();
  incomplete.write(Buffer.of(5));
  const slow = await client();
  for (const byte of [5, 1]) {
    slow.write(Buffer.of(byte));
    await new Promise<void>(sent => setImmediate(sent));
  }
  expect(await talk(slow, Buffer.of(0), 2)).toEqual(Buffer.of(5, 0));
  await talk(slow, socksName('counter', 7), 10);
  slow.end('12345');
  expect(await rest(slow)).toBe('5 bytes');
  incomplete.destroy();
});

test.each([
  ['does not finish its greeting', Buffer.of(5)],
  ['does not leave after it was rejected', Buffer.of(5, 1, 0xfe)],
])('a SOCKS client that %s is disconnected at the time limit', async (_what, greeting) => {
  const server = createServer({ allowHalfOpen: true }, socket => {
    serveSocks(socket, { locate: scene.locate, credential: undefined, handshakeMs: 20 });
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  // The client keeps its side open, and the server closes only after its last connection.
  const socket = connect({ port: portOf(server), host: '127.0.0.1', allowHalfOpen: true });
  try {
    socket.resume();
    socket.write(greeting);
    await new Promise<void>(done => server.once('connection', () => done()));
    await new Promise(done => server.close(done));
  } finally {
    socket.destroy();
  }
});

test('an HTTP client that has half-closed its connection still gets the response', async () => {
  const socket = await client();
  socket.end('GET http://web/late HTTP/1.0\r\n\r\n');
  expect(await rest(socket)).toMatch(/ 200 OK.*GET \/late /s);
});

describe('a client that has half-closed its connection still gets the reply', () => {
  test.each([
    ['with CONNECT', () => client(), 'CONNECT counter:7 HTTP/1.1\r\nhost: counter:7\r\n\r\n', 39],
    ['with SOCKS', () => greeted(), socksName('counter', 7), 10],
  ])('%s', async (_how, open, request, answer) => {
    const socket = await open();
    await talk(socket, request, answer);
    socket.end('12345');
    expect(await rest(socket)).toBe('5 bytes');
  });

  test('through another process that connects', async () => {
    const near = await openNameProxy((address, port = 80) => through(address, port));
    try {
      const socket = await client(near.port);
      await talk(socket, 'CONNECT counter:7 HTTP/1.1\r\nhost: counter:7\r\n\r\n', 39);
      socket.end('12345');
      expect(await rest(socket)).toBe('5 bytes');
    } finally {
      near.close();
    }
  });

  async function greeted(): Promise<Socket> {
    const socket = await client();
    await talk(socket, Buffer.of(5, 1, 0), 2);
    return socket;
  }
});

test('a client that leaves while the proxy connects leaves no connection behind', async () => {
  let arrived: (socket: Socket) => void = () => undefined;
  const connected = new Promise<Socket>(resolve => {
    arrived = resolve;
  });
  const server = createServer(socket => {
    socket.on('error', () => undefined);
    arrived(socket);
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  let leave: () => void = () => undefined;
  const hasty = await openNameProxy(() => {
    leave();
    return { kind: 'dial', host: '127.0.0.1', port: portOf(server) };
  });
  try {
    const socket = await client(hasty.port);
    leave = () => socket.resetAndDestroy();
    socket.write('CONNECT web:7 HTTP/1.1\r\nhost: web:7\r\n\r\n');
    const upstream = await connected;
    upstream.resume();
    await new Promise<void>(done => upstream.once('close', () => done()));
  } finally {
    hasty.close();
    server.close();
  }
});

async function rest(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}
