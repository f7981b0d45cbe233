import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import type { SocketAddress } from '../../net/index.ts';
import { ListenersByAddress } from './udp-by-address.ts';
import { type BoundUdpSocket, openUdpSocket } from './udp-socket.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Replies to each datagram from the socket that received it, with the address of that socket. */
function echo({ socket, at }: BoundUdpSocket): { close(): void } {
  socket.on('message', (message, from) => socket.send(`${at.address} ${message}`, from.port, from.address));
  socket.on('error', () => undefined);
  return { close: () => socket.close() };
}

async function opened(
  at: SocketAddress,
  addresses: () => readonly string[],
): Promise<ListenersByAddress<{ close(): void }>> {
  const listeners = await ListenersByAddress.open(at, echo, { addresses });
  closers.push(() => listeners.close());
  return listeners;
}

async function client(address: string): Promise<Socket> {
  const socket = createSocket('udp4');
  closers.push(() => socket.close());
  socket.bind(0, address);
  await once(socket, 'listening');
  return socket;
}

async function ask(socket: Socket, { address, port }: SocketAddress): Promise<[from: string, text: string]> {
  socket.send('q', port, address);
  const [answer, sender]: [Buffer, SocketAddress] = await new Promise(resolve => {
    socket.once('message', (message, from) => resolve([message, from]));
  });
  return [sender.address, String(answer)];
}

describe.runIf(process.platform === 'linux')('a wildcard address', () => {
  test('replies from the address that was asked, although the system would choose another', async () => {
    const { at } = await opened({ address: '0.0.0.0', port: 0 }, () => ['127.0.0.9', '127.0.0.10']);
    const socket = await client('127.0.0.1');
    expect(await ask(socket, { address: '127.0.0.9', port: at.port })).toEqual(['127.0.0.9', '127.0.0.9 q']);
    expect(await ask(socket, { address: '127.0.0.10', port: at.port })).toEqual(['127.0.0.10', '127.0.0.10 q']);
    expect(await ask(socket, { address: '127.0.0.1', port: at.port })).toEqual(['127.0.0.1', '0.0.0.0 q']);
  });

  test('still replies when the addresses of the machine cannot be read', async () => {
    const { at } = await opened({ address: '0.0.0.0', port: 0 }, () => {
      throw new Error('EMFILE');
    });
    expect(await ask(await client('127.0.0.1'), { address: '127.0.0.1', port: at.port })).toEqual([
      '127.0.0.1',
      '0.0.0.0 q',
    ]);
  });

  test('shares its port with no other socket, whatever address it binds and options it sets', async () => {
    const { at } = await opened({ address: '0.0.0.0', port: 0 }, () => ['127.0.0.9']);
    for (const address of ['0.0.0.0', '127.0.0.9', '127.0.0.1']) {
      await expect(openUdpSocket({ address, port: at.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
      const rival = createSocket({ type: 'udp4', reuseAddr: true });
      closers.push(() => rival.close());
      rival.bind(at.port, address);
      expect(await once(rival, 'error').then(([error]: unknown[]) => error)).toMatchObject({ code: 'EADDRINUSE' });
    }
  });

  test('frees its port at all addresses when it is closed', async () => {
    const listeners = await opened({ address: '0.0.0.0', port: 0 }, () => ['127.0.0.9']);
    expect(listeners.all()).toHaveLength(2);
    listeners.close();
    for (const address of ['0.0.0.0', '127.0.0.9']) {
      const { socket } = await openUdpSocket({ address, port: listeners.at.port });
      socket.close();
    }
  });
});

test('an address that is no wildcard has one listener', async () => {
  const listeners = await opened({ address: '127.0.0.1', port: 0 }, () => ['127.0.0.9']);
  expect(listeners.all()).toHaveLength(1);
});
