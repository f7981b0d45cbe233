import type { Server } from 'node:net';
import { familyOf, type SocketAddress } from '../../net/index.ts';

/** An address and port (0: any free one), or the path of a Unix socket. */
export type ListenAt = SocketAddress | { readonly path: string };

export interface ListenOptions {
  /**
   * Called for errors after the server listens, such as a failed accept(); the server continues. Node itself
   * reports none when a process is out of file descriptors: libuv accepts and closes such clients (`uv__emfile_trick`).
   */
  readonly onError: (error: Error) => void;
  /** Connections that the kernel queues until they are accepted; it caps this (net.core.somaxconn). */
  readonly backlog?: number;
  /** Whether `::` takes IPv4 clients, too, as in Go programs. */
  readonly dualStack?: boolean;
  /** Closes the server whenever it aborts; while the server is being opened, `listen` then throws its reason. */
  readonly signal?: AbortSignal;
}

export interface BoundServer {
  /** The address with the port that the system chose; port 0 at a path. */
  readonly at: SocketAddress;
}

const DEFAULT_BACKLOG = 1024;

/**
 * Makes a TCP or HTTP server listen.
 *
 * @throws the system's error (EADDRINUSE, EACCES, EADDRNOTAVAIL, EMFILE ...)
 */
export async function listen(server: Server, at: ListenAt, options: ListenOptions): Promise<BoundServer> {
  const { onError, backlog = DEFAULT_BACKLOG, dualStack = false, signal } = options;
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => reject(signal?.reason);
    const settled = (): void => {
      server.off('error', failed);
      signal?.removeEventListener('abort', abort);
    };
    const failed = (error: Error): void => {
      settled();
      reject(error);
    };
    server.once('error', failed);
    signal?.addEventListener('abort', abort, { once: true });
    const place = 'path' in at ? { path: at.path } : { host: at.address, port: at.port };
    const ipv6Only = 'address' in at && familyOf(at.address) === 'IPv6' && !dualStack;
    const closing = signal === undefined ? {} : { signal };
    server.listen({ ...place, ipv6Only, backlog, exclusive: true, ...closing }, () => {
      settled();
      server.on('error', onError);
      resolve();
    });
  });
  const bound = server.address();
  return {
    at:
      typeof bound === 'object' && bound !== null
        ? { address: bound.address, port: bound.port }
        : { address: '', port: 0 },
  };
}
