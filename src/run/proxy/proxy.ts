import { createServer, type Socket } from 'node:net';
import { type ListenAt, listen } from '../../system/index.ts';
import type { ProxyCredential } from './credential.ts';
import type { Locate } from './dial.ts';
import { httpProxy } from './http.ts';
import { SOCKS_VERSION, serveSocks } from './socks.ts';

export interface NameProxyOptions {
  /** Any free port of 127.0.0.1 unless said otherwise. */
  readonly at?: ListenAt;
  /** What clients must present. Without one everybody who can connect is served: in a network or at a path of our own. */
  readonly credential?: ProxyCredential;
}

export interface NameProxy {
  /** 0 at a path. */
  readonly port: number;
  close(): void;
}

/** A proxy for HTTP and SOCKS 5 alike: the first byte of a client tells them apart. */
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
        // It ended without a word.
        client.destroy();
        return;
      }
      client.unshift(first);
      if (first[0] === SOCKS_VERSION) serveSocks(client, { locate, credential });
      else http.emit('connection', client);
    });
  });
  // One connection that cannot be accepted is no reason to end; the next one may succeed.
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
 * The variables by which programs find a proxy; some read small letters only, some capitals.
 *
 * @param direct names that programs are to resolve themselves
 */
export function proxyEnvironment(
  { port, credential }: { readonly port: number; readonly credential?: ProxyCredential },
  direct: readonly string[] = [],
): Record<string, string> {
  const place = `${credential === undefined ? '' : `${credential.userInfo}@`}127.0.0.1:${port}`;
  const variables = {
    HTTP_PROXY: `http://${place}`,
    HTTPS_PROXY: `http://${place}`,
    ALL_PROXY: `socks5h://${place}`,
    NO_PROXY: ['localhost', '127.0.0.0/8', '127.0.0.1', '::1', ...direct].join(','),
    // Node's own fetch reads the others only then.
    NODE_USE_ENV_PROXY: '1',
  };
  const small = Object.entries(variables).map(([name, value]) => [name.toLowerCase(), value] as const);
  return { ...variables, ...Object.fromEntries(small.filter(([name]) => name !== 'node_use_env_proxy')) };
}
