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
import { isRecord, parseJson } from '../data/index.ts';
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
/** By default Node refuses streams of a session that takes 10 MB, which ten thousand idle connections do. */
const MAX_SESSION_MIB = 1024;
const MAX_CALL_BYTES = 256 * 1024 * 1024;

const UDP = 'switchboard-udp';

const OPTIONS = { settings: SETTINGS, maxSessionMemory: MAX_SESSION_MIB };

/** The side of a connection that opens streams. */
export function openingSession(connection: Duplex): ClientHttp2Session {
  const session = connect('http://switchboard', { createConnection: () => connection, ...OPTIONS });
  session.on('error', () => undefined);
  endWith(connection, session);
  session.once('connect', () => {
    // Node reports this also of a session that was ended meanwhile.
    if (!session.destroyed) session.setLocalWindowSize(SESSION_WINDOW_BYTES);
  });
  return session;
}

/** The side of a connection that handles streams. */
export function handlingSession(connection: Duplex, handlers: LinkHandlers): Http2Session {
  const session = performServerHandshake(connection, OPTIONS);
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
  if (connection.destroyed) endSession(session);
  else connection.once('close', () => endSession(session));
}

/** Ends a session with an error: without one, its streams end as those do that have sent everything. */
export function endSession(session: Http2Session): void {
  session.destroy(lost(), constants.NGHTTP2_CANCEL);
}

async function handle(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, handlers: LinkHandlers): Promise<void> {
  if (headers[METHOD] === 'CONNECT') {
    const to = parseSocketAddress(String(headers[AUTHORITY]));
    if (to === undefined) throw new Error('not an address and port');
    if (headers[UDP] !== undefined) {
      const peer = await handlers.connectUdp(to);
      if (stream.destroyed) {
        peer.close();
        return;
      }
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
  const answer = JSON.stringify((await handlers.call(String(headers[PATH]).slice(1), body)) ?? null);
  if (stream.destroyed) return;
  stream.respond({ [STATUS]: 200 });
  stream.end(answer);
}

/** In the body, since a message may be longer than all headers may be. */
function fail(stream: ServerHttp2Stream, error: unknown): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond({ [STATUS]: 502 });
  stream.end(JSON.stringify({ code: systemCodeOf(error), message: messageOf(error) }));
}

export async function call(session: ClientHttp2Session, name: string, body: unknown): Promise<unknown> {
  const text = JSON.stringify(body ?? null);
  const stream = open(session, { [METHOD]: 'POST', [PATH]: `/${name}` });
  stream.end(text);
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
async function answered(stream: ClientHttp2Stream): Promise<void> {
  const status = await new Promise<number>((resolve, reject) => {
    stream.once('close', () => reject(lost()));
    stream.once('response', headers => resolve(Number(headers[STATUS])));
  });
  if (status !== 200) throw errorOf(parseJson(await textOf(stream)));
}

function errorOf(answer: unknown): Error {
  const { code, message } = isRecord(answer) ? answer : {};
  const error = new Error(typeof message === 'string' ? message : 'the other side refused');
  return typeof code === 'string' ? Object.assign(error, { code }) : error;
}

function lost(): SwitchboardError {
  return new SwitchboardError('SWB_GATEWAY', 'the connection to the gateway is lost');
}

/** @throws SWB_GATEWAY if the stream breaks off; RangeError if there is too much */
async function textOf(stream: ClientHttp2Stream | ServerHttp2Stream): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of stream) {
      const chunk = Buffer.from(part);
      bytes += chunk.length;
      if (bytes > MAX_CALL_BYTES) throw new RangeError(`a message is larger than ${MAX_CALL_BYTES} bytes`);
      parts.push(chunk);
    }
  } catch (error) {
    throw error instanceof RangeError ? error : lost();
  }
  return Buffer.concat(parts).toString();
}
