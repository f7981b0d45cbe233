import { once } from 'node:events';
import { createServer, type ListenOptions, type Socket } from 'node:net';
import type { Locate } from './dial.ts';
import { httpProxy } from './http.ts';
import { SOCKS_VERSION, serveSocks } from './socks.ts';

const ANY_PORT: ListenOptions = { host: '127.0.0.1', port: 0 };

export interface NameProxy {
  /** 0 at a path. */
  readonly port: number;
  close(): void;
}

/**
 * A proxy for HTTP and SOCKS 5 alike: the first byte of a client tells which.
 *
 * @param at where it listens: any free port of 127.0.0.1, or a path
 */
export async function openNameProxy(locate: Locate, at: ListenOptions = ANY_PORT): Promise<NameProxy> {
  const http = httpProxy(locate);
  const clients = new Set<Socket>();
  const server = createServer(client => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    client.on('error', () => client.destroy());
    client.once('readable', () => {
      const first: unknown = client.read(1);
      if (!Buffer.isBuffer(first)) return;
      client.unshift(first);
      if (first[0] === SOCKS_VERSION) serveSocks(client, locate);
      else http.emit('connection', client);
    });
  });
  server.listen(at);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
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
export function proxyEnvironment(port: number, direct: readonly string[] = []): Record<string, string> {
  const http = `http://127.0.0.1:${port}`;
  const variables = {
    HTTP_PROXY: http,
    HTTPS_PROXY: http,
    ALL_PROXY: `socks5h://127.0.0.1:${port}`,
    NO_PROXY: ['localhost', '127.0.0.0/8', '127.0.0.1', '::1', ...direct].join(','),
    // Node's own fetch looks at the others only then.
    NODE_USE_ENV_PROXY: '1',
  };
  const small = Object.entries(variables).map(([name, value]) => [name.toLowerCase(), value] as const);
  return { ...variables, ...Object.fromEntries(small.filter(([name]) => name !== 'node_use_env_proxy')) };
}
