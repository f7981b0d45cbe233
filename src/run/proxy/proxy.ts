import { createServer, type Socket } from 'node:net';
import { type ListenAt, listen } from '../../system/index.ts';
import type { ProxyCredential } from './credential.ts';
import type { Locate } from './dial.ts';
import { httpProxy } from './http.ts';
import { SOCKS_VERSION, serveSocks } from './socks.ts';

export interface NameProxyOptions {
  /** Default: any free port of 127.0.0.1. */
  readonly at?: ListenAt;
  /** What clients must present. Without it everybody who can connect is served: for a private network or path. */
  readonly credential?: ProxyCredential;
}

export interface NameProxy {
  /** 0 if it listens at a path. */
  readonly port: number;
  close(): void;
}

/** Opens a proxy for HTTP and SOCKS 5, which it tells apart by the first byte of a client. */
export async function openNameProxy(locate: Locate, options: NameProxyOptions = {}): Promise<NameProxy> {
  const { at = { address: '127.0.0.1', port: 0 }, credential } = options;
  const http = httpProxy(locate, credential);
  const clients = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, client => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    client.on('error', () => client.destroy());
    client.once('readable', () => {
      const first: unknown = client.read(1);
      if (!Buffer.isBuffer(first)) {
        // The client ended without sending data.
        client.destroy();
        return;
      }
      client.unshift(first);
      if (first[0] === SOCKS_VERSION) serveSocks(client, { locate, credential });
      else http.emit('connection', client);
    });
  });
  // A connection that cannot be accepted must not end the proxy; the next one may succeed.
  const bound = await listen(server, at, { onError: () => undefined });
  return {
    port: bound.at.port,
    close: () => {
      server.close();
      for (const client of clients) client.destroy();
    },
  };
}

/**
 * The environment variables of a proxy. Some programs read only lower-case names, some only upper-case.
 *
 * @param direct names that programs should resolve themselves
 * @param host the address at which they reach the proxy
 */
export function proxyEnvironment(
  { port, credential }: { readonly port: number; readonly credential?: ProxyCredential },
  direct: readonly string[] = [],
  host = '127.0.0.1',
): Record<string, string> {
  const place = `${credential === undefined ? '' : `${credential.userInfo}@`}${host}:${port}`;
  const variables = {
    HTTP_PROXY: `http://${place}`,
    HTTPS_PROXY: `http://${place}`,
    ALL_PROXY: `socks5h://${place}`,
    NO_PROXY: ['localhost', '127.0.0.0/8', '127.0.0.1', '::1', ...direct].join(','),
    // Node's fetch reads the other variables only if this is set.
    NODE_USE_ENV_PROXY: '1',
  };
  const small = Object.entries(variables).map(([name, value]) => [name.toLowerCase(), value] as const);
  return { ...variables, ...Object.fromEntries(small.filter(([name]) => name !== 'node_use_env_proxy')) };
}
