/** Two sides of a link, and servers and clients in their networks, on loopback. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach } from 'vitest';
import { acceptLinks, datagramsOf, type Link, type LinkHandlers, openLink } from '../../src/link/index.ts';
import type { SocketAddress } from '../../src/net/index.ts';

export const TOKEN = 'a-token';
/** Called after the test. */
export const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** @param handle gets each connection; both halves of it end by themselves */
export async function serve(handle: (socket: Socket) => void): Promise<SocketAddress> {
  const server = createServer({ allowHalfOpen: true }, socket => {
    closers.push(() => socket.destroy());
    handle(socket);
  });
  return listening(server);
}

export async function listening(server: Server): Promise<SocketAddress> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return { address: '127.0.0.1', port: portOf(server) };
}

function portOf(server: Server): number {
  const at: AddressInfo | string | null = server.address();
  if (at === null || typeof at === 'string') throw new Error('not listening');
  return at.port;
}

export async function dial({ address, port }: SocketAddress): Promise<Socket> {
  const socket = connect({ host: address, port, allowHalfOpen: true });
  await once(socket, 'connect');
  closers.push(() => socket.destroy());
  return socket;
}

/** Answer a call with what it said, and connect in the network of this process. */
export const HANDLERS: LinkHandlers = {
  call: async (name, body) => ({ name, body }),
  connectTcp: dial,
  connectUdp: async to => {
    const socket = createSocket('udp4');
    socket.connect(to.port, to.address);
    await once(socket, 'connect');
    return datagramsOf(socket);
  },
};

export interface Linked {
  readonly at: SocketAddress;
  readonly near: Link;
  readonly far: Link;
  /** The connections of the link, as the far side has them. */
  readonly sockets: readonly Socket[];
}

/** Two sides, of which one listens. */
export async function linked(
  far: Partial<LinkHandlers> = {},
  near: Partial<LinkHandlers> = {},
  { greetingMs = 5_000, pingMs = 5_000 }: { readonly greetingMs?: number; readonly pingMs?: number } = {},
): Promise<Linked> {
  const server = createServer();
  const sockets: Socket[] = [];
  server.on('connection', socket => {
    sockets.push(socket);
    closers.push(() => socket.destroy());
  });
  const at = await listening(server);
  const accepted = Promise.withResolvers<Link>();
  acceptLinks(server, {
    token: TOKEN,
    handlers: () => ({ ...HANDLERS, ...far }),
    onLink: accepted.resolve,
    greetingMs,
  });
  const link = await openLink({ dial: () => dial(at), token: TOKEN, handlers: { ...HANDLERS, ...near }, pingMs });
  closers.push(() => link.close());
  return { at, near: link, far: await accepted.promise, sockets };
}

export async function textOf(connection: Duplex): Promise<string> {
  let text = '';
  for await (const chunk of connection) text += String(chunk);
  return text;
}
