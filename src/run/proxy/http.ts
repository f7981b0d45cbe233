import {
  createServer,
  type IncomingMessage,
  type RequestOptions,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { messageOf } from '../../errors.ts';
import { splitHostPort } from '../../net/index.ts';
import { relay } from '../../system/index.ts';
import type { ProxyCredential } from './credential.ts';
import { dial, type Locate } from './dial.ts';
import { endToEndHeaders, upgradeHeaderLines } from './hop-headers.ts';

/**
 * An HTTP proxy (RFC 9110, 7.3 and 9.3.6): `CONNECT` and requests with absolute URLs. A request with a path and the host
 * `NAME.localhost` goes to the Service of that name: browsers resolve these names to this machine (RFC 6761, 6.3).
 * It does not listen; the caller hands it connections.
 *
 * @param credential what proxy clients must present. `NAME.localhost` needs none: it leads to a Service, which every
 *   user of the machine can reach on loopback anyway
 */
export function httpProxy(locate: Locate, credential?: ProxyCredential): Server {
  const allows = (asked: IncomingMessage): boolean =>
    credential === undefined || credential.isIn(asked.headers['proxy-authorization']);
  const server = createServer((asked, response) => {
    if (asksForPath(asked) || allows(asked)) forward(asked, response, locate);
    else response.writeHead(407, AUTHENTICATE).end(CREDENTIAL_NEEDED);
  });
  // A client may end its side as soon as it has sent the request (HTTP/1.0), and still waits for the response.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on('connect', (asked: IncomingMessage, client: Duplex, head: Buffer) => {
    if (!allows(asked)) {
      client.end(REFUSED);
      return;
    }
    const target = splitHostPort(asked.url ?? '');
    if (target?.port === undefined || target.port === 0 || target.host === '' || !(client instanceof Socket)) {
      client.end(BAD_REQUEST);
      return;
    }
    client.on('error', () => undefined);
    dial(locate(target.host, target.port)).then(
      upstream => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        if (head.length > 0) upstream.write(head);
        relay(client, upstream);
      },
      error => client.end(badGateway(error)),
    );
  });
  // A switch of protocols (WebSocket): forwards the request, then relays bytes.
  server.on('upgrade', (asked: IncomingMessage, client: Duplex, head: Buffer) => {
    if (!asksForPath(asked) && !allows(asked)) {
      client.end(REFUSED);
      return;
    }
    const target = targetOf(asked);
    if (target === undefined || !(client instanceof Socket)) {
      client.end(BAD_REQUEST);
      return;
    }
    client.on('error', () => undefined);
    dial(locate(target.host, target.port)).then(
      upstream => {
        upstream.write(
          `${asked.method} ${target.path} HTTP/1.1\r\n${upgradeHeaderLines(asked.rawHeaders, asked.headers)}\r\n`,
        );
        if (head.length > 0) upstream.write(head);
        relay(client, upstream);
      },
      error => client.end(badGateway(error)),
    );
  });
  return server;
}

/** Whether a request has a path and no absolute URL: its client does not use a proxy. */
function asksForPath(asked: IncomingMessage): boolean {
  return asked.url?.startsWith('/') === true;
}

const AUTHENTICATE = { 'content-type': 'text/plain', 'proxy-authenticate': 'Basic realm="switchboard run"' };
const CREDENTIAL_NEEDED =
  'this proxy serves one command only; HTTP_PROXY of that command has the user name and password\n';
const REFUSED = `HTTP/1.1 407 Proxy Authentication Required\r\ncontent-type: text/plain\r\nproxy-authenticate: ${AUTHENTICATE['proxy-authenticate']}\r\nconnection: close\r\n\r\n${CREDENTIAL_NEEDED}`;
const BAD_REQUEST = 'HTTP/1.1 400 Bad Request\r\n\r\n';

function badGateway(error: unknown): string {
  return `HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/plain\r\n\r\n${messageOf(error)}\n`;
}

function forward(asked: IncomingMessage, response: ServerResponse, locate: Locate): void {
  const target = targetOf(asked);
  if (target === undefined) {
    response.writeHead(400, { 'content-type': 'text/plain' });
    response.end('this is a proxy: request an absolute URL, or NAME.localhost\n');
    return;
  }
  const fail = (error: unknown) => {
    if (response.headersSent) return response.destroy();
    response.writeHead(502, { 'content-type': 'text/plain' });
    return response.end(`${messageOf(error)}\n`);
  };
  const options = { method: asked.method, path: target.path, headers: endToEndHeaders(asked.headers) };
  const createConnection: RequestOptions['createConnection'] = (_options, done) => {
    dial(locate(target.host, target.port)).then(
      socket => done(null, socket),
      error => fail(error),
    );
    return undefined;
  };
  const onward = request({ ...options, createConnection }, answer => {
    response.writeHead(answer.statusCode ?? 502, endToEndHeaders(answer.headers));
    answer.pipe(response);
  });
  onward.on('error', fail);
  response.on('close', () => onward.destroy());
  asked.pipe(onward);
}

interface HttpTarget {
  readonly host: string;
  /** undefined: the Service's first port. */
  readonly port: number | undefined;
  readonly path: string;
}

function targetOf(asked: IncomingMessage): HttpTarget | undefined {
  const url = asked.url ?? '';
  if (url.startsWith('/')) {
    const host = splitHostPort(asked.headers.host ?? '')?.host.toLowerCase() ?? '';
    return host.endsWith('.localhost') ? { host, port: undefined, path: url } : undefined;
  }
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, port, pathname, search } = new URL(url);
  if (protocol !== 'http:') return undefined;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 80 : Number(port),
    path: `${pathname}${search}`,
  };
}
