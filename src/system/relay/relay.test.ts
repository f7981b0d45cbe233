import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { listen } from '../listen/index.ts';
import { relay } from './relay.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Ends {
  readonly client: Socket;
  readonly server: Socket;
}

/** Two sockets of one TCP connection. */
async function connection(): Promise<[near: Socket, far: Socket]> {
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, socket => accepted.resolve(socket));
  const { at } = await listen(server, { address: '127.0.0.1', port: 0 }, { onError: () => undefined });
  const near = connect({ host: at.address, port: at.port, allowHalfOpen: true });
  const far = await accepted.promise;
  for (const socket of [near, far]) {
    socket.on('error', () => undefined);
    closers.push(() => socket.destroy());
  }
  server.close();
  return [near, far];
}

/** A client and a server with a relay between them. */
async function related(): Promise<Ends> {
  const [client, clientSide] = await connection();
  const [upstream, server] = await connection();
  relay(clientSide, upstream);
  return { client, server };
}

const TWO_WAYS: readonly [string, (ends: Ends) => [from: Socket, to: Socket]][] = [
  ['from the client', ({ client, server }) => [client, server]],
  ['to the client', ({ client, server }) => [server, client]],
];

describe.each(TWO_WAYS)('%s', (_way, pick) => {
  test('passes bytes on, and keeps the other direction open when one ends', async () => {
    const [from, to] = pick(await related());
    from.end('question');
    expect(await all(to)).toBe('question');
    to.end('answer');
    expect(await all(from)).toBe('answer');
  });

  test('holds the sender back while the receiver does not read, and loses nothing', async () => {
    const [from, to] = pick(await related());
    to.pause();
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const chunks = 64;
    let written = 0;
    for (let i = 0; i < chunks; i++) {
      from.write(chunk, () => {
        written++;
      });
    }
    from.end();
    // Only a full pipe makes the sender wait: the buffers of the kernel and of the relay hold far less than all of it.
    await settled(() => written);
    expect(written).toBeLessThan(chunks);
    let received = 0;
    to.on('data', part => {
      received += part.length;
    });
    to.resume();
    await new Promise(resolve => to.once('end', resolve));
    expect(received).toBe(chunks * chunk.length);
  });

  test('passes a reset on as a reset', async () => {
    const [from, to] = pick(await related());
    to.resume();
    const lost = new Promise(resolve => to.once('error', resolve));
    from.resetAndDestroy();
    expect(await lost).toMatchObject({ code: 'ECONNRESET' });
  });
});

test('closes one side if the other was closed before the relay started', async () => {
  const [client, clientSide] = await connection();
  const [upstream, server] = await connection();
  client.resetAndDestroy();
  clientSide.resume();
  await new Promise(resolve => clientSide.once('close', resolve));
  server.resume();
  const lost = new Promise(resolve => server.once('close', resolve));
  relay(clientSide, upstream);
  await lost;
});

async function all(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) text += chunk;
  return text;
}

/** Waits until a count stays the same for many turns of the event loop. */
async function settled(count: () => number): Promise<void> {
  for (let before = -1, same = 0; same < 2_000; same = count() === before ? same + 1 : 0) {
    before = count();
    await new Promise(resolve => setImmediate(resolve));
  }
}
