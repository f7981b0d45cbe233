import { connect, type Socket } from 'node:net';
import { dialThrough } from './dial-through.ts';

/** Where to connect to for a host and a port that a client names. */
export type Destination =
  | { readonly kind: 'dial'; readonly host: string; readonly port: number }
  /** By way of a proxy that listens at a path (`dial-through.ts`). */
  | { readonly kind: 'relay'; readonly path: string; readonly host: string; readonly port: number }
  /** It is a name of ours, and nothing is behind it. */
  | { readonly kind: 'nothing'; readonly why: string };

/** Finds it; names that are not ours are dialled as they stand. `port` undefined: the Service's first. */
export type Locate = (host: string, port: number | undefined) => Destination;

/** Connects. @throws Error with what the system says, or why there is nothing to connect to */
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

/** Every name and address as it stands: the end of a relay. */
export const asItStands: Locate = (host, port) => ({ kind: 'dial', host, port: port ?? HTTP_PORT });

/** Where a URL names none. */
export const HTTP_PORT = 80;
