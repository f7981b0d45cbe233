/**
 * Forward proxies of the two kinds that a kubeconfig may name. They record the connections that clients request.
 *
 * @module
 */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface OpenProxy {
  readonly port: number;
  /** `host:port` of each connection. */
  readonly asked: readonly string[];
  close(): void;
}

/** Tunnels HTTP CONNECT requests. */
export async function openHttpProxy(): Promise<OpenProxy> {
  const proxy = new Tunnels();
  const server = createHttpServer();
  server.on('connect', (request, client: Socket) => {
    const [host = '', port] = (request.url ?? '').split(':');
    proxy.tunnel(client, { host, port: Number(port), answer: 'HTTP/1.1 200 Connection established\r\n\r\n' });
  });
  return proxy.listen(server);
}

const SOCKS_VERSION = 5;
const NO_AUTHENTICATION = Buffer.from([SOCKS_VERSION, 0]);
const SUCCEEDED = Buffer.from([SOCKS_VERSION, 0, 0, 1, 0, 0, 0, 0, 0, 0]);

/** Tunnels SOCKS 5 connections to IPv4 addresses (RFC 1928). */
export async function openSocksProxy(): Promise<OpenProxy> {
  const proxy = new Tunnels();
  const server = createServer(async client => {
    client.on('error', () => client.destroy());
    await once(client, 'data');
    client.write(NO_AUTHENTICATION);
    const [request] = await once(client, 'data');
    if (!Buffer.isBuffer(request)) return;
    const host = [...request.subarray(4, 8)].join('.');
    proxy.tunnel(client, { host, port: request.readUInt16BE(8), answer: SUCCEEDED });
  });
  return proxy.listen(server);
}

class Tunnels {
  readonly asked: string[] = [];
  readonly #sockets = new Set<Socket>();

  tunnel(client: Socket, to: { readonly host: string; readonly port: number; readonly answer: string | Buffer }): void {
    this.asked.push(`${to.host}:${to.port}`);
    const upstream = connect(to.port, to.host, () => {
      client.write(to.answer);
      client.pipe(upstream).pipe(client);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
    }
  }

  async listen(server: Server): Promise<OpenProxy> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return {
      port: typeof address === 'object' && address !== null ? address.port : 0,
      asked: this.asked,
      close: () => {
        server.close();
        for (const socket of this.#sockets) socket.destroy();
      },
    };
  }
}
