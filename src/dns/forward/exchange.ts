import { randomInt } from 'node:crypto';
import { on } from 'node:events';
import { messageOf, systemCodeOf } from '../../errors.ts';
import { RCODE, type SocketAddress } from '../../net/index.ts';
import type { NetworkSockets } from '../../system/index.ts';
import type { ForwardQuestion } from '../resolver.ts';
import { optRecord } from '../wire/message.ts';
import { CLASS_IN, FLAG, HEADER_BYTES } from '../wire/numbers.ts';
import { BadMessage, questionEnd } from '../wire/records.ts';
import { framed, messagesFrom } from '../wire/stream.ts';
import type { Clock } from './options.ts';
import { readResponse, type UpstreamResponse } from './response.ts';

/** The outcome of a query to an upstream. A truncated answer: the upstream does not respond over TCP. */
export type Reply =
  | { readonly kind: 'answer'; readonly answer: UpstreamResponse }
  | { readonly kind: 'timeout' }
  /** The system could not send it: `ECONNREFUSED`, `ENETUNREACH` ... */
  | { readonly kind: 'failed'; readonly why: string }
  /** Counts as no response, but does not take the upstream down. */
  | { readonly kind: 'unreadable'; readonly why: string };

export interface ExchangeOptions {
  readonly to: SocketAddress;
  readonly network: NetworkSockets;
  readonly timeoutMs: number;
  /** UDP: sends the query again at this interval, since datagrams get lost. undefined: once. */
  readonly resendMs?: number;
  readonly clock: Clock;
  /** Ends the query as a timeout. */
  readonly signal: AbortSignal;
  /** Called for every message that does not match the query. */
  readonly onDropped: () => void;
}

/** We advertise 1232 bytes, but some servers send larger responses. */
const MAX_DATAGRAM_BYTES = 4096;

/**
 * Sends a query over UDP on its own socket. The system picks a random port, which together with the id keeps forged
 * responses out (RFC 5452). The socket is connected, so the kernel accepts only datagrams of that server. It stays open until
 * the timeout, so that a slow server can answer any of the sends; a later response meets a closed port.
 */
export function queryOverUdp(query: Buffer, options: ExchangeOptions): Promise<Reply> {
  const { clock, timeoutMs, resendMs = timeoutMs } = options;
  let sends = Math.ceil(timeoutMs / resendMs);
  const opening = options.network.connectUdp(options.to);
  let isOver = false;
  let cancelResend = (): void => undefined;
  const receive = async (): Promise<Reply> => {
    const socket = await opening;
    const messages = on(socket, 'message');
    const send = (): void => {
      if (isOver) return;
      // An error comes as an event, which ends the iteration.
      socket.send(query);
      sends -= 1;
      if (sends > 0) cancelResend = clock.after(resendMs, send);
    };
    send();
    for await (const [message] of messages) {
      const response = message.length <= MAX_DATAGRAM_BYTES ? responseTo(query, message) : undefined;
      if (response !== undefined) return read(response);
      options.onDropped();
    }
    return { kind: 'failed', why: 'the socket was closed' };
  };
  return within(options, receive(), () => {
    isOver = true;
    cancelResend();
    opening.then(socket => socket.close(), ignore);
  });
}

/** Sends a query over its own TCP connection, for a response that is too large for UDP. */
export function queryOverTcp(query: Buffer, options: ExchangeOptions): Promise<Reply> {
  const ended = new AbortController();
  const opening = options.network.connectTcp(options.to, ended.signal);
  const receive = async (): Promise<Reply> => {
    const socket = await opening;
    socket.write(framed(query));
    for await (const message of messagesFrom(socket)) {
      const response = responseTo(query, message);
      if (response !== undefined) return read(response);
      options.onDropped();
    }
    return { kind: 'failed', why: 'the connection was closed without a response' };
  };
  return within(options, receive(), () => {
    ended.abort();
    opening.then(socket => socket.destroy(), ignore);
  });
}

/** The failure to open a socket is the outcome of the query already. */
function ignore(): void {}

function read(message: Buffer): Reply {
  try {
    return { kind: 'answer', answer: readResponse(message) };
  } catch (error) {
    if (error instanceof BadMessage) return { kind: 'unreadable', why: `malformed response: ${error.message}` };
    throw error;
  }
}

/** Returns the first outcome, which may be the timeout or the signal, and closes the socket. */
async function within(
  { clock, timeoutMs, signal }: ExchangeOptions,
  received: Promise<Reply>,
  close: () => void,
): Promise<Reply> {
  const { promise: over, resolve } = Promise.withResolvers<Reply>();
  const timeUp = () => resolve({ kind: 'timeout' });
  const cancel = clock.after(timeoutMs, timeUp);
  signal.addEventListener('abort', timeUp);
  if (signal.aborted) timeUp();
  try {
    return await Promise.race([over, received]);
  } catch (error) {
    return { kind: 'failed', why: systemCodeOf(error) ?? messageOf(error) };
  } finally {
    cancel();
    signal.removeEventListener('abort', timeUp);
    close();
  }
}

/** Builds a query with a random id. Leaves the case of the name as it is. */
export function buildQuery(question: ForwardQuestion, options: { readonly edns: boolean }): Buffer {
  const { name } = question;
  const end = HEADER_BYTES + name.length + 4;
  const query = Buffer.alloc(end);
  // Together with the source port, a random id keeps forged responses out (RFC 5452).
  query.writeUInt16BE(randomInt(0x10000), 0);
  // AD requests the AD bit without DNSSEC records (RFC 6840, 5.7).
  query.writeUInt16BE(FLAG.RD | FLAG.AD | (question.checkingDisabled ? FLAG.CD : 0), 2);
  query.writeUInt16BE(1, 4);
  query.writeUInt16BE(options.edns ? 1 : 0, 10);
  query.set(name, HEADER_BYTES);
  query.writeUInt16BE(question.type, end - 4);
  query.writeUInt16BE(CLASS_IN, end - 2);
  return options.edns ? Buffer.concat([query, optRecord({ dnssecOk: question.dnssecOk })]) : query;
}

/** Response codes that say nothing about the name: another upstream may have the answer. */
export const INCONCLUSIVE: ReadonlySet<number> = new Set([RCODE.FORMERR, RCODE.SERVFAIL, RCODE.NOTIMP, RCODE.REFUSED]);

/**
 * Returns a message if it is the response to a query: same id, same question byte for byte, so that the case of the name
 * must match, too (0x20). A server that cannot read a query may respond with its header only (RFC 2671, 5.3, for EDNS);
 * such an error gets the question of the query.
 */
function responseTo(query: Buffer, message: Buffer): Buffer | undefined {
  if (message.length < HEADER_BYTES || message.readUInt16BE(0) !== query.readUInt16BE(0)) return undefined;
  const flags = message.readUInt16BE(2);
  if ((flags & FLAG.QR) === 0 || (flags & FLAG.OPCODE) !== 0) return undefined;
  const end = questionEnd(query);
  const questions = message.readUInt16BE(4);
  if (message.length === HEADER_BYTES && questions === 0 && INCONCLUSIVE.has(flags & 0xf)) {
    const whole = Buffer.from(query.subarray(0, end));
    whole.writeUInt16BE(flags & ~FLAG.TC, 2);
    whole.fill(0, 6, HEADER_BYTES);
    return whole;
  }
  if (message.length < end || questions !== 1) return undefined;
  return message.compare(query, HEADER_BYTES, end, HEADER_BYTES, end) === 0 ? message : undefined;
}
