import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { messageOf, systemCodeOf } from '../../errors.ts';
import type { ForwardQuestion } from '../resolver.ts';
import { EDNS_UDP_BYTES, FLAG, HEADER_BYTES, TYPE } from '../wire/numbers.ts';
import { questionEnd } from '../wire/records.ts';
import type { Clock } from './options.ts';

/** The outcome of a query to an upstream. */
export type Exchange =
  | { readonly kind: 'message'; readonly message: Buffer }
  | { readonly kind: 'timeout' }
  /** The system could not send it: `ECONNREFUSED`, `ENETUNREACH` ... */
  | { readonly kind: 'failed'; readonly why: string };

export interface ExchangeOptions {
  readonly address: string;
  readonly port: number;
  readonly timeoutMs: number;
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
 * responses out (RFC 5452). The socket is connected, so the kernel accepts only datagrams of that server. A late response
 * meets a closed port.
 */
export function queryOverUdp(query: Buffer, options: ExchangeOptions): Promise<Exchange> {
  return new Promise(resolve => {
    const socket = createSocket(isIPv6(options.address.replace(/%.*$/, '')) ? 'udp6' : 'udp4');
    const finish = settleOnce(options, resolve, () => socket.close());
    socket.on('message', message => {
      if (message.length <= MAX_DATAGRAM_BYTES && answersTo(query, message)) {
        finish({ kind: 'message', message });
      } else options.onDropped();
    });
    const failed = (error: Error) => finish({ kind: 'failed', why: systemCodeOf(error) ?? messageOf(error) });
    socket.on('error', failed);
    socket.on('connect', () => {
      socket.send(query, error => {
        if (error !== null) failed(error);
      });
    });
    socket.connect(options.port, options.address);
  });
}

/** Sends a query over its own TCP connection, for a response that is too large for UDP. */
export function queryOverTcp(query: Buffer, options: ExchangeOptions): Promise<Exchange> {
  return new Promise(resolve => {
    const socket = connect({ host: options.address, port: options.port, noDelay: true });
    const finish = settleOnce(options, resolve, () => socket.destroy());
    let held = Buffer.alloc(0);
    socket.on('error', error => finish({ kind: 'failed', why: systemCodeOf(error) ?? messageOf(error) }));
    socket.on('close', () => finish({ kind: 'failed', why: 'the connection was closed without a response' }));
    socket.on('data', chunk => {
      held = Buffer.concat([held, chunk]);
      for (;;) {
        const length = held.length >= 2 ? held.readUInt16BE(0) : undefined;
        if (length === undefined || held.length < 2 + length) return;
        const message = held.subarray(2, 2 + length);
        held = held.subarray(2 + length);
        if (answersTo(query, message)) return finish({ kind: 'message', message });
        options.onDropped();
      }
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(query.length);
    socket.write(Buffer.concat([length, query]));
  });
}

/** Settles with the first outcome, which may be the timeout or the signal. */
function settleOnce(
  options: ExchangeOptions,
  resolve: (outcome: Exchange) => void,
  close: () => void,
): (outcome: Exchange) => void {
  let done = false;
  const finish = (outcome: Exchange) => {
    if (done) return;
    done = true;
    cancel();
    options.signal.removeEventListener('abort', timeUp);
    close();
    resolve(outcome);
  };
  const timeUp = () => finish({ kind: 'timeout' });
  const cancel = options.clock.after(options.timeoutMs, timeUp);
  options.signal.addEventListener('abort', timeUp);
  if (options.signal.aborted) timeUp();
  return finish;
}

const EDNS_DO = 0x8000;

/** Builds a query with a random id. Leaves the case of the name as it is. */
export function buildQuery(question: ForwardQuestion, options: { readonly edns: boolean }): Buffer {
  const { name } = question;
  const end = HEADER_BYTES + name.length + 4;
  const query = Buffer.alloc(end + (options.edns ? 11 : 0));
  // Together with the source port, a random id keeps forged responses out (RFC 5452).
  query.writeUInt16BE(randomInt(0x10000), 0);
  // AD requests the AD bit without DNSSEC records (RFC 6840, 5.7).
  query.writeUInt16BE(FLAG.RD | FLAG.AD | (question.checkingDisabled ? FLAG.CD : 0), 2);
  query.writeUInt16BE(1, 4);
  query.set(name, HEADER_BYTES);
  query.writeUInt16BE(question.type, end - 4);
  query.writeUInt16BE(question.class, end - 2);
  if (options.edns) {
    query.writeUInt16BE(1, 10);
    // Root name, type, size, extended response code and version 0, flags, no options.
    query.writeUInt16BE(TYPE.OPT, end + 1);
    query.writeUInt16BE(EDNS_UDP_BYTES, end + 3);
    query.writeUInt16BE(question.dnssecOk ? EDNS_DO : 0, end + 7);
  }
  return query;
}

/**
 * Whether a message is the response to a query: same id, same question byte for byte, so that the case of the name must
 * match, too (0x20).
 */
function answersTo(query: Buffer, message: Buffer): boolean {
  const end = questionEnd(query);
  if (message.length < end) return false;
  const flags = message.readUInt16BE(2);
  if ((flags & FLAG.QR) === 0 || (flags & FLAG.OPCODE) !== 0) return false;
  if (message.readUInt16BE(0) !== query.readUInt16BE(0) || message.readUInt16BE(4) !== 1) return false;
  return message.compare(query, HEADER_BYTES, end, HEADER_BYTES, end) === 0;
}
