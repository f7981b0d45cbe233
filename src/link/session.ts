import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type Http2Session,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import { parseJson } from '../data/index.ts';
import { messageOf, SwitchboardError, systemCodeOf } from '../errors.ts';
import { hostPort, parseSocketAddress, type SocketAddress } from '../net/index.ts';
import { datagramsOver, joinDatagrams } from './datagrams.ts';
import type { LinkHandlers } from './link.ts';
import { endOnlyUnlessReset, join } from './streams.ts';

const {
  HTTP2_HEADER_METHOD: METHOD,
  HTTP2_HEADER_PATH: PATH,
  HTTP2_HEADER_AUTHORITY: AUTHORITY,
  HTTP2_HEADER_STATUS: STATUS,
} = constants;

/** So much may be on its way in one stream: bulk is not slowed down by the time that an acknowledgement takes. */
const WINDOW_BYTES = 4 * 1024 * 1024;
const SETTINGS = { initialWindowSize: WINDOW_BYTES, maxConcurrentStreams: 100_000, enablePush: false };
/** For all streams together, so that slow ones do not stop the others at once. */
const SESSION_WINDOW_BYTES = 64 * 1024 * 1024;
const MAX_CALL_BYTES = 256 * 1024 * 1024;

const CODE = 'switchboard-code';
const REASON = 'switchboard-reason';
const UDP = 'switchboard-udp';

/** The side of a connection that opens streams. */
export function openingSession(connection: Duplex): ClientHttp2Session {
  const session = connect('http://switchboard', { createConnection: () => connection, settings: SETTINGS });
  session.on('error', () => undefined);
  endWith(connection, session);
  session.once('connect', () => session.setLocalWindowSize(SESSION_WINDOW_BYTES));
  return session;
}

/** The side of a connection that handles streams. */
export function handlingSession(connection: Duplex, handlers: LinkHandlers): Http2Session {
  const session = performServerHandshake(connection, { settings: SETTINGS });
  session.on('error', () => undefined);
  endWith(connection, session);
  session.setLocalWindowSize(SESSION_WINDOW_BYTES);
  session.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    void handle(stream, headers, handlers).catch(error => fail(stream, error));
  });
  return session;
}

/** Node does not notice a connection that closes before the session has begun, nor one that may stay half open. */
function endWith(connection: Duplex, session: Http2Session): void {
  connection.allowHalfOpen = false;
  if (connection.destroyed) session.destroy();
  else connection.once('close', () => session.destroy());
}

async function handle(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, handlers: LinkHandlers): Promise<void> {
  if (headers[METHOD] === 'CONNECT') {
    const to = parseSocketAddress(String(headers[AUTHORITY]));
    if (to === undefined) throw new Error('not an address and port');
    if (headers[UDP] !== undefined) {
      const peer = await handlers.connectUdp(to);
      stream.respond({ [STATUS]: 200 });
      joinDatagrams(datagramsOver(stream), peer);
      return;
    }
    const upstream = await handlers.connectTcp(to);
    if (stream.destroyed) {
      upstream.destroy();
      return;
    }
    endOnlyUnlessReset(stream);
    stream.respond({ [STATUS]: 200 }, { waitForTrailers: true });
    join(stream, upstream);
    return;
  }
  const body = parseJson(await textOf(stream));
  const answer = await handlers.call(String(headers[PATH]).slice(1), body);
  if (stream.destroyed) return;
  stream.respond({ [STATUS]: 200 });
  stream.end(JSON.stringify(answer ?? null));
}

function fail(stream: ServerHttp2Stream, error: unknown): void {
  if (stream.destroyed || stream.headersSent) return;
  const code = systemCodeOf(error) ?? '';
  stream.respond({ [STATUS]: 502, [CODE]: code, [REASON]: encodeURIComponent(messageOf(error)) }, { endStream: true });
}

export async function call(session: ClientHttp2Session, name: string, body: unknown): Promise<unknown> {
  const stream = open(session, { [METHOD]: 'POST', [PATH]: `/${name}` });
  stream.end(JSON.stringify(body ?? null));
  await answered(stream);
  return parseJson(await textOf(stream));
}

export async function openTcp(session: ClientHttp2Session, to: SocketAddress): Promise<Duplex> {
  const stream = open(session, connectTo(to));
  await answered(stream);
  return stream;
}

export async function openUdp(session: ClientHttp2Session, to: SocketAddress) {
  const stream = open(session, { ...connectTo(to), [UDP]: '1' });
  await answered(stream);
  return datagramsOver(stream);
}

function connectTo({ address, port }: SocketAddress): OutgoingHttpHeaders {
  return { [METHOD]: 'CONNECT', [AUTHORITY]: hostPort(address, port) };
}

function open(session: ClientHttp2Session, headers: OutgoingHttpHeaders): ClientHttp2Stream {
  if (session.destroyed || session.closed) throw lost();
  const stream = session.request(headers, { endStream: false, waitForTrailers: true });
  endOnlyUnlessReset(stream);
  stream.on('error', () => undefined);
  return stream;
}

/** Waits for the status of a stream. @throws the other side's error */
function answered(stream: ClientHttp2Stream): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once('close', () => reject(lost()));
    stream.once('response', headers => {
      if (Number(headers[STATUS]) === 200) {
        resolve();
        return;
      }
      stream.resume();
      reject(errorOf(headers));
    });
  });
}

function errorOf(headers: IncomingHttpHeaders): Error {
  const code = String(headers[CODE] ?? '');
  const reason = decodeURIComponent(String(headers[REASON] ?? 'the other side refused'));
  return Object.assign(new Error(reason), code === '' ? {} : { code });
}

function lost(): SwitchboardError {
  return new SwitchboardError('SWB_GATEWAY', 'the connection to the gateway is lost');
}

async function textOf(stream: Duplex): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of stream) {
    const chunk = Buffer.from(part);
    bytes += chunk.length;
    if (bytes > MAX_CALL_BYTES) throw new Error('the message is too large');
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString();
}
