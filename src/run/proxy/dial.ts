import { connect, type Socket } from 'node:net';
import { dialThrough } from './dial-through.ts';

/** Where to connect to for a client's host and port. */
export type Destination =
  | { readonly kind: 'dial'; readonly host: string; readonly port: number }
  /** Through a proxy that listens at a path (`dial-through.ts`). */
  | { readonly kind: 'relay'; readonly path: string; readonly host: string; readonly port: number }
  /** The name belongs to a Service that has nothing to connect to. */
  | { readonly kind: 'nothing'; readonly why: string };

/** Resolves a host and a port. Names that belong to no Service are dialed unchanged. `port` undefined: the Service's first port. */
export type Locate = (host: string, port: number | undefined) => Destination;

/** Connects. @throws Error with the system's reason, or why there is nothing to connect to */
export function dial(destination: Destination): Promise<Socket> {
  if (destination.kind === 'relay') return dialThrough(destination.path, destination.host, destination.port);
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

/** Dials every host unchanged: for the outer end of a relay. */
export const dialUnchanged: Locate = (host, port) => ({ kind: 'dial', host, port: port ?? HTTP_PORT });

/** The port of a URL that names none. */
export const HTTP_PORT = 80;
