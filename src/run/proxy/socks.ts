import type { Socket } from 'node:net';
import { systemCodeOf } from '../../errors.ts';
import { dial, join, type Locate } from './dial.ts';

/** The first byte of a client that speaks SOCKS 5 (RFC 1928, 3). */
export const SOCKS_VERSION = 5;

const NO_AUTHENTICATION = 0;
const CONNECT = 1;
const ADDRESS = { ipv4: 1, name: 3, ipv6: 4 } as const;
/** RFC 1928, 6. */
const REPLY = { done: 0, failed: 1, refused: 5, notSupported: 7, addressNotSupported: 8 } as const;

/** Serves one SOCKS 5 client: connections only, no passwords; names are resolved here (`socks5h`). */
export function serveSocks(client: Socket, locate: Locate): void {
  void talk(client, locate).catch(() => client.destroy());
}

async function talk(client: Socket, locate: Locate): Promise<void> {
  const [, methods = 0] = await read(client, 2);
  const offered = await read(client, methods);
  if (!offered.includes(NO_AUTHENTICATION)) {
    client.end(Buffer.of(SOCKS_VERSION, 0xff));
    return;
  }
  client.write(Buffer.of(SOCKS_VERSION, NO_AUTHENTICATION));
  const [, command, , type] = await read(client, 4);
  const host = await readHost(client, type);
  if (host === undefined) return answer(client, REPLY.addressNotSupported);
  const port = (await read(client, 2)).readUInt16BE(0);
  if (command !== CONNECT) return answer(client, REPLY.notSupported);
  try {
    const server = await dial(locate(host, port));
    answer(client, REPLY.done);
    join(client, server);
  } catch (error) {
    answer(client, systemCodeOf(error) === 'ECONNREFUSED' ? REPLY.refused : REPLY.failed);
  }
}

async function readHost(client: Socket, type: number | undefined): Promise<string | undefined> {
  switch (type) {
    case ADDRESS.ipv4:
      return (await read(client, 4)).join('.');
    case ADDRESS.ipv6: {
      const groups = (await read(client, 16)).toString('hex').match(/.{4}/g) ?? [];
      return groups.join(':');
    }
    case ADDRESS.name: {
      const [length = 0] = await read(client, 1);
      return (await read(client, length)).toString('latin1');
    }
    default:
      return undefined;
  }
}

/** With the address that was bound, which nobody looks at. */
function answer(client: Socket, reply: number): void {
  const message = Buffer.of(SOCKS_VERSION, reply, 0, ADDRESS.ipv4, 0, 0, 0, 0, 0, 0);
  if (reply === REPLY.done) client.write(message);
  else client.end(message);
}

/** Exactly so many bytes. @throws Error if the client ends before */
async function read(client: Socket, length: number): Promise<Buffer> {
  if (length === 0) return Buffer.alloc(0);
  for (;;) {
    const bytes: unknown = client.read(length);
    if (Buffer.isBuffer(bytes) && bytes.length === length) return bytes;
    if (client.readableEnded || client.destroyed) throw new Error('the client has gone');
    await new Promise<void>(done => {
      const wake = () => {
        client.off('readable', wake);
        client.off('end', wake);
        client.off('close', wake);
        done();
      };
      client.on('readable', wake);
      client.on('end', wake);
      client.on('close', wake);
    });
  }
}
