import type { Socket } from 'node:net';
import { systemCodeOf } from '../../errors.ts';
import { relay } from '../../system/index.ts';
import type { ProxyCredential } from './credential.ts';
import { dial, type Locate } from './dial.ts';

/** The first byte of a SOCKS 5 client (RFC 1928, 3). */
export const SOCKS_VERSION = 5;

/** RFC 1928, 3; RFC 1929. */
const METHOD = { none: 0, password: 2, noneAcceptable: 0xff } as const;
const PASSWORD_VERSION = 1;
const CONNECT = 1;
const ADDRESS = { ipv4: 1, name: 3, ipv6: 4 } as const;
/** RFC 1928, 6. */
const REPLY = { done: 0, failed: 1, refused: 5, notSupported: 7, addressNotSupported: 8 } as const;

export interface SocksOptions {
  readonly locate: Locate;
  /** What the client must present, if anything. */
  readonly credential: ProxyCredential | undefined;
}

/** Serves one SOCKS 5 client: CONNECT only; resolves names itself (`socks5h`). */
export function serveSocks(client: Socket, options: SocksOptions): void {
  void talk(client, options).catch(() => client.destroy());
}

async function talk(client: Socket, { locate, credential }: SocksOptions): Promise<void> {
  const [, methods = 0] = await read(client, 2);
  const offered = await read(client, methods);
  const method = credential === undefined ? METHOD.none : METHOD.password;
  if (!offered.includes(method)) {
    client.end(Buffer.of(SOCKS_VERSION, METHOD.noneAcceptable));
    return;
  }
  client.write(Buffer.of(SOCKS_VERSION, method));
  if (credential !== undefined && !(await authenticate(client, credential))) return;
  const [, command, , type] = await read(client, 4);
  const host = await readHost(client, type);
  if (host === undefined) return answer(client, REPLY.addressNotSupported);
  const port = (await read(client, 2)).readUInt16BE(0);
  if (command !== CONNECT) return answer(client, REPLY.notSupported);
  try {
    const server = await dial(locate(host, port));
    answer(client, REPLY.done);
    relay(client, server);
  } catch (error) {
    answer(client, systemCodeOf(error) === 'ECONNREFUSED' ? REPLY.refused : REPLY.failed);
  }
}

/** The exchange of RFC 1929. @returns false, after rejecting the client, if its credential is wrong */
async function authenticate(client: Socket, credential: ProxyCredential): Promise<boolean> {
  await read(client, 1);
  const user = await readText(client);
  const password = await readText(client);
  const allowed = credential.matches(user, password);
  const answer = Buffer.of(PASSWORD_VERSION, allowed ? 0 : 1);
  if (allowed) client.write(answer);
  else client.end(answer);
  return allowed;
}

/** Reads a text with one byte of length in front. */
async function readText(client: Socket): Promise<string> {
  const [length = 0] = await read(client, 1);
  return (await read(client, length)).toString('latin1');
}

async function readHost(client: Socket, type: number | undefined): Promise<string | undefined> {
  switch (type) {
    case ADDRESS.ipv4:
      return (await read(client, 4)).join('.');
    case ADDRESS.ipv6: {
      const groups = (await read(client, 16)).toString('hex').match(/.{4}/g) ?? [];
      return groups.join(':');
    }
    case ADDRESS.name:
      return readText(client);
    default:
      return undefined;
  }
}

/** Replies with an empty bound address, which no client reads. */
function answer(client: Socket, reply: number): void {
  const message = Buffer.of(SOCKS_VERSION, reply, 0, ADDRESS.ipv4, 0, 0, 0, 0, 0, 0);
  if (reply === REPLY.done) client.write(message);
  else client.end(message);
}

/** Reads exactly this many bytes. @throws Error if the client ends before */
async function read(client: Socket, length: number): Promise<Buffer> {
  if (length === 0) return Buffer.alloc(0);
  for (;;) {
    const bytes: unknown = client.read(length);
    if (Buffer.isBuffer(bytes) && bytes.length === length) return bytes;
    if (client.readableEnded || client.destroyed) throw new Error('the client closed the connection');
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
