import { connect, type Socket } from 'node:net';
import type { SocketAddress } from '../../net/index.ts';

/** Where to connect to for a client's host and port. */
export type Destination =
  | { readonly kind: 'dial'; readonly host: string; readonly port: number }
  /** In another network, in which another process connects. */
  | { readonly kind: 'through'; readonly connect: (to: SocketAddress) => Promise<Socket>; readonly to: SocketAddress }
  /** The name belongs to a Service that has nothing to connect to. */
  | { readonly kind: 'nothing'; readonly why: string };

/** Resolves a host and a port. Names that belong to no Service are dialed unchanged. `port` undefined: the Service's first port. */
export type Locate = (host: string, port: number | undefined) => Destination;

/** Connects. @throws Error with the system's reason, or why there is nothing to connect to */
export function dial(destination: Destination): Promise<Socket> {
  if (destination.kind === 'through') return destination.connect(destination.to);
  return new Promise((resolve, reject) => {
    if (destination.kind === 'nothing') throw new Error(destination.why);
    const socket = connect({ host: destination.host, port: destination.port, noDelay: true, allowHalfOpen: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** The port of a URL that names none. */
export const HTTP_PORT = 80;
