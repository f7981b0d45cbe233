/** Servers behind a name proxy, and clients that speak to it byte by byte. */
import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type OutgoingHttpHeaders,
  request,
} from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Locate } from '../../src/run/proxy/dial.ts';

export interface ProxyScene {
  /** Resolves `web`, `echo:7` and `counter` to servers, `gone` to a port that refuses, and no other names. */
  readonly locate: Locate;
  close(): void;
}

export function portOf(server: Server | HttpServer): number {
  const { port } = server.address() as AddressInfo;
  return port;
}

export async function proxyScene(): Promise<ProxyScene> {
  const web = createHttpServer((asked, response) => {
    let body = '';
    asked.on('data', chunk => {
      body += chunk;
    });
    asked.on('end', () => {
      if (asked.url === '/headers') response.end(JSON.stringify(asked.headers));
      else response.end(`${asked.method} ${asked.url} ${asked.headers.host} ${body}`);
    });
  });
  web.on('upgrade', ({ rawHeaders }, socket) => {
    const names = rawHeaders.filter((_, index) => index % 2 === 0).map(name => name.toLowerCase());
    socket.end(`HTTP/1.1 101 Switching Protocols\r\n\r\nswitched with ${names}`);
  });
  const echo = createServer(socket => void socket.on('error', () => socket.destroy()).pipe(socket));
  // Answers only after its client has sent everything.
  const counter = createServer({ allowHalfOpen: true }, socket => {
    let bytes = 0;
    socket.on('error', () => socket.destroy());
    socket.on('data', chunk => {
      bytes += chunk.length;
    });
    socket.on('end', () => socket.end(`${bytes} bytes`));
  });
  await new Promise<void>(done => web.listen(0, '127.0.0.1', done));
  await new Promise<void>(done => echo.listen(0, '127.0.0.1', done));
  await new Promise<void>(done => counter.listen(0, '127.0.0.1', done));
  const locate: Locate = (host, port) => {
    if (host === 'web' || host === 'web.shop.localhost') return { kind: 'dial', host: '127.0.0.1', port: portOf(web) };
    if (host === 'echo' && port === 7) return { kind: 'dial', host: '127.0.0.1', port: portOf(echo) };
    if (host === 'counter') return { kind: 'dial', host: '127.0.0.1', port: portOf(counter) };
    if (host === 'gone') return { kind: 'dial', host: '127.0.0.1', port: 1 };
    return { kind: 'nothing', why: `there is no ${host}:${port}` };
  };
  return {
    locate,
    close: () => {
      for (const server of [web, echo, counter]) server.close();
    },
  };
}

/** Sends bytes, waits for the expected number of bytes, and returns them. */
export async function talk(socket: Socket, send: Buffer | string, bytes: number): Promise<Buffer> {
  socket.write(send);
  let got = Buffer.alloc(0);
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    got = Buffer.concat([got, chunk]);
    if (got.length >= bytes) break;
  }
  return got;
}

export async function client(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await new Promise<void>(done => socket.once('connect', () => done()));
  return socket;
}

/** A SOCKS 5 request to connect to a name. */
export function socksName(host: string, port: number): Buffer {
  return Buffer.concat([Buffer.of(5, 1, 0, 3, host.length), Buffer.from(host), Buffer.of(port >> 8, port & 255)]);
}

export function ask(
  path: string,
  host: string,
  options: { port: number; method?: string; body?: string; headers?: OutgoingHttpHeaders },
): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', body = '', port, headers = { host } } = options;
    const asking = request({ host: '127.0.0.1', port, path, method, headers, agent: false });
    asking.on('error', reject);
    asking.on('response', answer => {
      let text = '';
      answer.on('data', chunk => {
        text += chunk;
      });
      answer.on('end', () => resolve([answer.statusCode ?? 0, text]));
    });
    asking.end(body);
  });
}
