import type { Socket } from 'node:net';
import { systemCodeOf } from '../../errors.ts';
import { relay } from '../../system/index.ts';
import { ByteReader } from './byte-reader.ts';
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
  /** The time limit of the handshake in milliseconds. */
  readonly handshakeMs?: number;
}

const HANDSHAKE_MS = 10_000;

/** Serves one SOCKS 5 client: CONNECT only; resolves names itself (`socks5h`). */
export function serveSocks(client: Socket, options: SocksOptions): void {
  const tooLate = setTimeout(() => client.destroy(), options.handshakeMs ?? HANDSHAKE_MS);
  client.once('close', () => clearTimeout(tooLate));
  const reader = new ByteReader(client);
  handshake(client, reader, options)
    .then(target => {
      reader.release();
      if (target === undefined) {
        // Drops whatever a rejected client still sends; the time limit ends one that does not leave.
        client.resume();
        return undefined;
      }
      clearTimeout(tooLate);
      return connectTo(client, target, options.locate);
    })
    .catch(() => client.destroy());
}

interface Target {
  readonly host: string;
  readonly port: number;
}

/** @returns where the client wants to go; undefined if it was rejected */
async function handshake(
  client: Socket,
  reader: ByteReader,
  { credential }: SocksOptions,
): Promise<Target | undefined> {
  const [, methods = 0] = await reader.read(2);
  const offered = await reader.read(methods);
  const method = credential === undefined ? METHOD.none : METHOD.password;
  if (!offered.includes(method)) {
    client.end(Buffer.of(SOCKS_VERSION, METHOD.noneAcceptable));
    return undefined;
  }
  client.write(Buffer.of(SOCKS_VERSION, method));
  if (credential !== undefined && !(await authenticate(client, reader, credential))) return undefined;
  const [, command, , type] = await reader.read(4);
  const host = await readHost(reader, type);
  if (host === undefined) return reject(client, REPLY.addressNotSupported);
  const port = (await reader.read(2)).readUInt16BE(0);
  if (command !== CONNECT) return reject(client, REPLY.notSupported);
  return { host, port };
}

async function connectTo(client: Socket, { host, port }: Target, locate: Locate): Promise<void> {
  try {
    const server = await dial(locate(host, port));
    answer(client, REPLY.done);
    relay(client, server);
  } catch (error) {
    answer(client, systemCodeOf(error) === 'ECONNREFUSED' ? REPLY.refused : REPLY.failed);
  }
}

/** The exchange of RFC 1929. @returns false, after rejecting the client, if its credential is wrong */
async function authenticate(client: Socket, reader: ByteReader, credential: ProxyCredential): Promise<boolean> {
  await reader.read(1);
  const user = await readText(reader);
  const password = await readText(reader);
  const allowed = credential.matches(user, password);
  const answer = Buffer.of(PASSWORD_VERSION, allowed ? 0 : 1);
  if (allowed) client.write(answer);
  else client.end(answer);
  return allowed;
}

/** Reads a text with one byte of length in front. */
async function readText(reader: ByteReader): Promise<string> {
  const [length = 0] = await reader.read(1);
  return (await reader.read(length)).toString('latin1');
}

async function readHost(reader: ByteReader, type: number | undefined): Promise<string | undefined> {
  switch (type) {
    case ADDRESS.ipv4:
      return (await reader.read(4)).join('.');
    case ADDRESS.ipv6: {
      const groups = (await reader.read(16)).toString('hex').match(/.{4}/g) ?? [];
      return groups.join(':');
    }
    case ADDRESS.name:
      return readText(reader);
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

function reject(client: Socket, reply: number): undefined {
  answer(client, reply);
}
