import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { DatagramBatch, hasDatagramBatches } from './datagram-batch.ts';
import { openDatagramSocket } from './datagram-socket.ts';

describe.runIf(hasDatagramBatches())('datagrams in batches', () => {
  /** A port that is free at the moment. */
  async function free(type: 'udp4' | 'udp6', address: string): Promise<number> {
    const socket = createSocket(type).bind(0, address);
    await once(socket, 'listening');
    const { port } = socket.address();
    await new Promise<void>(done => socket.close(() => done()));
    return port;
  }

  const send = (socket: Socket, text: string, port: number, address: string) =>
    new Promise<void>((done, fail) => socket.send(text, port, address, error => (error ? fail(error) : done())));

  test.each([
    ['udp4', '127.0.0.1'],
    ['udp6', '::1'],
  ] as const)('are taken and answered, all but those that get none (%s)', async (type, address) => {
    const port = await free(type, address);
    const fd = openDatagramSocket(address, port, { shared: false });
    const batch = new DatagramBatch(fd);
    const holder = createSocket(type);
    const client = createSocket(type).bind(0, address);
    await once(client, 'listening');
    const heard: string[] = [];
    client.on('message', message => heard.push(message.toString()));
    for (let i = 0; i < 70; i++) await send(client, `question ${i}`, port, address);

    expect(batch.receive()).toBe(DatagramBatch.SLOTS);
    for (let slot = 0; slot < 64; slot++) {
      expect(batch.message(slot).toString()).toBe(`question ${slot}`);
      expect(batch.sender(slot)).toEqual({ address, port: client.address().port });
      if (slot % 3 !== 0) batch.answer(slot, Buffer.from(`answer ${slot}`));
    }
    expect(batch.answer(0, Buffer.alloc(1281))).toBe(false);
    batch.flush();
    expect(batch.receive()).toBe(6);
    const later = batch.returnAddress(5);
    batch.flush();
    expect(batch.receive()).toBe(0);
    batch.flush();
    batch.send(Buffer.from('last'), later);
    while (!heard.includes('last')) await once(client, 'message');
    expect(heard).toHaveLength(42 + 1);
    client.close();
    const bound = once(holder, 'listening');
    holder.bind({ fd });
    await bound;
    holder.close();
  });

  test('opening a busy port throws the error code of the system', async () => {
    const holder = createSocket('udp4').bind(0, '127.0.0.1');
    await once(holder, 'listening');
    expect(() => openDatagramSocket('127.0.0.1', holder.address().port, { shared: false })).toThrow(
      expect.objectContaining({ code: 'EADDRINUSE' }),
    );
    holder.close();
  });
});
