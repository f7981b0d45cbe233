import { createHash, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { closers, dial, HANDLERS, linked, listening, serve, TOKEN, textOf } from '../../test/support/links.ts';
import { join, openLink } from './index.ts';

describe.each(['near', 'far'] as const)('from the %s side', side => {
  test('a call returns what the other side answers', async () => {
    const link = (await linked())[side];
    expect(await link.call('name', { a: [1, 'two'] })).toEqual({ name: 'name', body: { a: [1, 'two'] } });
  });

  test('a call that fails has the reason of the other side', async () => {
    const call = async () => {
      throw Object.assign(new Error('there is nö space'), { code: 'ENOSPC' });
    };
    const link = (await linked({ call }, { call }))[side];
    await expect(link.call('x', null)).rejects.toMatchObject({ message: 'there is nö space', code: 'ENOSPC' });
  });

  test('each half of a connection ends by itself', async () => {
    const at = await serve(async socket => {
      const asked = await textOf(socket);
      socket.end(`you said ${asked}`);
    });
    const connection = await (await linked())[side].connectTcp(at);
    connection.write('hel');
    connection.end('lo');
    expect(await textOf(connection)).toBe('you said hello');
  });

  test('the other half stays open after the end of the first one', async () => {
    let peer: Socket | undefined;
    const at = await serve(socket => {
      peer = socket;
      socket.end('bye');
    });
    const connection = await (await linked())[side].connectTcp(at);
    expect(await textOf(connection)).toBe('bye');
    connection.end('still here');
    if (peer === undefined) throw new Error('no connection');
    expect(await textOf(peer)).toBe('still here');
  });

  test('a port at which nobody listens is refused with the code of the system', async () => {
    const closed = createServer();
    const at = await listening(closed);
    closed.close();
    await once(closed, 'close');
    await expect((await linked())[side].connectTcp(at)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('a reset by the server resets the client', async () => {
    const at = await serve(socket => socket.once('data', () => socket.resetAndDestroy()));
    const link = (await linked())[side];
    const front = await serve(async client => join(client, await link.connectTcp(at)));
    const client = await dial(front);
    const failed = once(client, 'error');
    client.write('x');
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
  });

  test('a connection that is broken off resets that of the server', async () => {
    const reset = Promise.withResolvers<unknown>();
    const at = await serve(socket => {
      socket.resume();
      socket.on('error', reset.resolve);
    });
    const connection = await (await linked())[side].connectTcp(at);
    connection.on('error', () => undefined);
    connection.destroy(new Error('given up'));
    expect(await reset.promise).toMatchObject({ code: 'ECONNRESET' });
  });

  test('datagrams go both ways, each whole', async () => {
    const server = createSocket('udp4', (message, from) => server.send(`<${message}>`, from.port, from.address));
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => server.close());
    const peer = await (await linked())[side].connectUdp({ address: '127.0.0.1', port: server.address().port });
    const answers: string[] = [];
    const all = Promise.withResolvers<void>();
    peer.listen({
      onMessage: message => answers.push(String(message)) === 3 && all.resolve(),
      onClose: () => undefined,
    });
    for (const text of ['one', '', 'three']) peer.send(Buffer.from(text));
    await all.promise;
    expect(answers.sort()).toEqual(['<>', '<one>', '<three>']);
    peer.close();
  });
});

test('64 MiB arrive unchanged while another stream works', async () => {
  const hash = createHash('sha256');
  let received = 0;
  const at = await serve(socket => {
    socket.on('data', chunk => {
      hash.update(chunk);
      received += chunk.length;
    });
    socket.on('end', () => socket.end(hash.digest('hex')));
  });
  const { near } = await linked();
  const connection = await near.connectTcp(at);
  const block = randomBytes(1024 * 1024);
  const expected = createHash('sha256');
  const sent = (async () => {
    for (let index = 0; index < 64; index += 1) {
      expected.update(block);
      if (!connection.write(block)) await once(connection, 'drain');
    }
    connection.end();
  })();
  expect(await near.call('meanwhile', 1)).toEqual({ name: 'meanwhile', body: 1 });
  await sent;
  expect(await textOf(connection)).toBe(expected.digest('hex'));
  expect(received).toBe(64 * 1024 * 1024);
});

test('a reader that stops holds the writer back and not the other streams', async () => {
  const at = await serve(socket => socket.pause());
  const { near } = await linked();
  const connection = await near.connectTcp(at);
  connection.on('error', () => undefined);
  const block = Buffer.alloc(256 * 1024);
  let written = 0;
  let moves = 0;
  connection.on('drain', () => {
    moves += 1;
  });
  // Until nothing has moved during twenty calls.
  for (let still = 0; still < 20 && written < 1024; ) {
    const before = moves;
    written += 1;
    const isFull = !connection.write(block);
    await near.call('other', written);
    still = isFull && moves === before ? still + 1 : 0;
  }
  expect(written).toBeLessThan(1024);
  expect(await near.call('after', 1)).toEqual({ name: 'after', body: 1 });
});

test.each([
  ['a wrong token', 'switchboard-link 1 calls wrong 00000000000000000000000000000000\n'],
  ['something else', 'GET / HTTP/1.1\r\n\r\n'],
  ['bytes without an end of line', 'x'.repeat(1000)],
])('closes a connection with %s and answers nothing', async (_what, text) => {
  const { at } = await linked();
  const stranger = await dial(at);
  stranger.on('error', () => undefined);
  stranger.write(text);
  expect(await textOf(stranger).catch(() => '')).toBe('');
});

test.each<[what: string, end: (socket: Socket) => void]>([
  ['closes', socket => socket.destroy()],
  ['ends', socket => socket.end()],
  ['resets', socket => socket.resetAndDestroy()],
])('opening a link to a place that %s every connection fails', async (_what, end) => {
  const at = await serve(socket => socket.once('data', () => end(socket)));
  const opening = openLink({ dial: () => dial(at), token: TOKEN, handlers: HANDLERS });
  await expect(opening).rejects.toMatchObject({ code: 'SWB_GATEWAY' });
});

test('a link whose connection breaks is closed on both sides, and its calls fail', async () => {
  const { near, far, sockets } = await linked();
  for (const socket of sockets) socket.resetAndDestroy();
  await Promise.all([near.closed, far.closed]);
  await expect(near.call('x', null)).rejects.toMatchObject({ code: 'SWB_GATEWAY' });
  await expect(far.connectTcp({ address: '127.0.0.1', port: 1 })).rejects.toMatchObject({ code: 'SWB_GATEWAY' });
});

test('a call that waits fails when the link is lost', async () => {
  const { near, sockets } = await linked({ call: () => new Promise(() => undefined) });
  const waiting = near.call('x', null);
  // The other side has it once it has answered a later one of its own.
  const failed = expect(waiting).rejects.toMatchObject({ code: 'SWB_GATEWAY' });
  for (const socket of sockets) socket.resetAndDestroy();
  await failed;
});
