/** What a link does when one of its sides, or a stranger, does not behave. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { closers, dial, HANDLERS, type Linked, linked, serve, TOKEN, textOf } from '../../test/support/links.ts';
import type { SocketAddress } from '../net/index.ts';
import { join, type Link, openLink } from './index.ts';

const ANYWHERE: SocketAddress = { address: '192.0.2.1', port: 1 };
const ID = '0123456789abcdef'.repeat(2);

/** A server in front of a link: what it accepts goes on to a place in the network of the other side. */
function front(link: Link, to: SocketAddress): Promise<SocketAddress> {
  return serve(async client => {
    client.pause();
    join(client, await link.connectTcp(to));
  });
}

function each(sockets: readonly Socket[], act: (socket: Socket) => void): void {
  for (const socket of sockets) act(socket);
}

/** How the other side has ended a connection: `end`, or the code of the error. */
function endOf(socket: Socket): Promise<string> {
  return new Promise(resolve => {
    socket.on('end', () => resolve('end'));
    socket.on('error', error => resolve('code' in error ? String(error.code) : error.message));
    socket.resume();
  });
}

describe('a client whose answer is not complete is reset, and sees no end,', () => {
  test.each<[how: string, lose: (linked: Linked) => void]>([
    ['when its side closes the link', ({ near }) => near.close()],
    ['when the other side closes the link', ({ far }) => far.close()],
    ['when the connections of the link close', ({ sockets }) => each(sockets, socket => void socket.destroy())],
    ['when the connections of the link end', ({ sockets }) => each(sockets, socket => void socket.end())],
    [
      'when the connections of the link are reset',
      ({ sockets }) => each(sockets, socket => void socket.resetAndDestroy()),
    ],
  ])('%s', async (_how, lose) => {
    const link = await linked();
    const to = await serve(socket => socket.on('error', () => undefined).write('a part'));
    const client = await dial(await front(link.near, to));
    const ended = endOf(client);
    await once(client, 'data');
    lose(link);
    expect(await ended).toBe('ECONNRESET');
  });
});

test('a client that leaves while its connection is being opened leaves nothing open', async () => {
  const left = Promise.withResolvers<void>();
  const reset = Promise.withResolvers<unknown>();
  const to = await serve(socket => socket.on('error', reset.resolve).resume());
  const { near } = await linked({
    connectTcp: async place => {
      await left.promise;
      return dial(place);
    },
  });
  const at = await serve(client => {
    client.on('error', () => undefined);
    client.resume();
    client.once('close', () => left.resolve());
    void near.connectTcp(to).then(upstream => join(client, upstream));
  });
  (await dial(at)).resetAndDestroy();
  expect(await reset.promise).toMatchObject({ code: 'ECONNRESET' });
});

test('a flow of datagrams whose link is lost while it is being opened is closed', async () => {
  const [asked, go, closed] = [0, 1, 2].map(() => Promise.withResolvers<void>());
  const { near, far } = await linked({
    connectUdp: async () => {
      asked?.resolve();
      await go?.promise;
      return { send: () => undefined, listen: () => undefined, close: () => closed?.resolve() };
    },
  });
  const opening = expect(near.connectUdp(ANYWHERE)).rejects.toMatchObject({ code: 'SWB_GATEWAY' });
  await asked?.promise;
  near.close();
  await Promise.all([opening, far.closed]);
  go?.resolve();
  await closed?.promise;
});

test.each([
  ['longer than all headers may be', 'é'.repeat(200_000), 'é'.repeat(200_000)],
  ['with half a character', 'half \ud83d', 'half \ud83d'],
  ['empty', '', ''],
])('an error whose message is %s arrives, and the link goes on', async (_what, message, expected) => {
  const fail = async () => {
    throw new Error(message);
  };
  const { near } = await linked({ call: fail, connectTcp: fail, connectUdp: fail });
  await expect(near.call('x', null)).rejects.toMatchObject({ message: expected });
  await expect(near.connectTcp(ANYWHERE)).rejects.toMatchObject({ message: expected });
  await expect(near.connectUdp(ANYWHERE)).rejects.toMatchObject({ message: expected });
});

test('data that is not for JSON fails its call, in either direction', async () => {
  const { near } = await linked({ call: async () => ({ value: 1n }) });
  await expect(near.call('x', null)).rejects.toThrow(/BigInt/);
  await expect(near.call('x', { value: 1n })).rejects.toThrow(/BigInt/);
});

test('twelve thousand connections are open at the same time', async () => {
  const idle = () => new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  const { near } = await linked({ connectTcp: async () => idle() });
  const opened = await Promise.allSettled(Array.from({ length: 12_000 }, () => near.connectTcp(ANYWHERE)));
  expect(opened.filter(({ status }) => status === 'rejected')).toEqual([]);
});

test('a client that does not read holds the server back, so that the link takes little memory', async () => {
  let sent = 0;
  const source = Promise.withResolvers<Socket>();
  const to = await serve(socket => {
    socket.on('error', () => undefined);
    const write = () => {
      do sent += 64 * 1024;
      while (socket.write(Buffer.alloc(64 * 1024)));
    };
    socket.on('drain', write);
    write();
    source.resolve(socket);
  });
  const { near } = await linked();
  const connection = await near.connectTcp(to);
  connection.on('error', () => undefined);
  await source.promise;
  // Until nothing has moved during many calls.
  for (let still = 0, before = -1; still < 200 && sent < 2 ** 30; before = sent) {
    await near.call('other', null);
    still = sent === before ? still + 1 : 0;
  }
  // The window of the stream, and the buffers of two sockets in the kernel.
  expect(sent).toBeLessThan(32 * 2 ** 20);
});

describe('a side that says nothing', () => {
  test('while the link is opened fails the opening', async () => {
    const at = await serve(socket => socket.on('error', () => undefined).resume());
    const opening = openLink({ dial: () => dial(at), token: TOKEN, handlers: HANDLERS, pingMs: 20 });
    await expect(opening).rejects.toMatchObject({ code: 'SWB_GATEWAY' });
  });

  test('on an open link is noticed, and the link is lost', async () => {
    const { at } = await linked();
    const between: Socket[] = [];
    const relay = await serve(client => {
      const upstream = connect({ host: at.address, port: at.port });
      closers.push(() => upstream.destroy());
      between.push(client, upstream);
      for (const socket of [client, upstream]) socket.on('error', () => undefined);
      client.pipe(upstream).pipe(client);
    });
    const near = await openLink({ dial: () => dial(relay), token: TOKEN, handlers: HANDLERS, pingMs: 20 });
    for (const socket of between) socket.unpipe().pause();
    await near.closed;
    await expect(near.call('x', null)).rejects.toMatchObject({ code: 'SWB_GATEWAY' });
  });
});

test('a link whose second connection fails closes the first one', async () => {
  const { at } = await linked();
  const first: Socket[] = [];
  const opening = openLink({
    dial: async () => {
      if (first.length > 0) throw new Error('no second one');
      const socket = await dial(at);
      first.push(socket);
      return socket;
    },
    token: TOKEN,
    handlers: HANDLERS,
  });
  await expect(opening).rejects.toThrow('no second one');
  await Promise.all(first.map(socket => socket.closed || new Promise(resolve => socket.once('close', resolve))));
});

describe('the side that listens closes', () => {
  const line = (direction: string, token = TOKEN, id = ID) => `switchboard-link 1 ${direction} ${token} ${id}\n`;

  test.each<[what: string, texts: readonly string[]]>([
    ['a connection that says nothing', ['']],
    ['a connection whose line does not end', [line('calls').trimEnd()]],
    ['the first connection of a link whose second one does not come, with calls', [line('calls')]],
    ['the first connection of a link whose second one does not come, with answers', [line('answers')]],
    ['a connection that goes on with something else', [`${line('calls')}GET / HTTP/1.1\r\n\r\n`]],
    [
      'both connections of a link that go on with something else',
      ['calls', 'answers'].map(way => `${line(way)}?`.repeat(99)),
    ],
    ['connections of another link', [line('calls'), line('answers', TOKEN, ID.replaceAll('0', '1'))]],
  ])('%s', async (_what, texts) => {
    const { at, near } = await linked({}, {}, { greetingMs: 50 });
    const strangers = await Promise.all(texts.map(() => dial(at)));
    const ends = strangers.map(stranger => endOf(stranger));
    for (const [index, stranger] of strangers.entries()) stranger.write(texts[index] ?? '');
    await Promise.all(ends);
    expect(await near.call('still', 'there')).toEqual({ name: 'still', body: 'there' });
  });

  test('a second connection for what the first one does, and keeps the first', async () => {
    const { at, near } = await linked();
    const first = await dial(at);
    first.write(line('calls'));
    // The side has read the line when it has sent the first bytes of HTTP/2.
    await once(first, 'data');
    const second = await dial(at);
    second.write(line('calls'));
    expect(await textOf(second)).toBe('');
    expect(first.destroyed).toBe(false);
    expect(await near.call('still', 'there')).toEqual({ name: 'still', body: 'there' });
  });
});
