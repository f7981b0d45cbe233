import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { messageOf, systemCodeOf } from '../../errors.ts';
import type { Clock } from './clock.ts';
import { answersTo } from './query.ts';

/** What came of one message to one server. */
export type Exchange =
  | { readonly kind: 'message'; readonly message: Buffer }
  | { readonly kind: 'timeout' }
  /** The system could not carry it: `ECONNREFUSED`, `ENETUNREACH` ... */
  | { readonly kind: 'failed'; readonly why: string };

export interface ExchangeOptions {
  readonly address: string;
  readonly port: number;
  /** Where the question of the query ends. */
  readonly end: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Ends the wait, as if time were up. */
  readonly signal: AbortSignal;
  /** A message came that answers something else. */
  readonly onDropped: () => void;
}

/** We advertise 1232 bytes; some servers send what they please, but nothing beyond this. */
const MOST_DATAGRAM_BYTES = 4096;

/**
 * One query over UDP, on a socket of its own: the system picks its port at random, which together with the id keeps
 * forged answers out (RFC 5452), and since it is connected the kernel lets in only what the server itself has sent.
 * What comes after the time is up meets a closed port.
 */
export function askOverUdp(query: Buffer, options: ExchangeOptions): Promise<Exchange> {
  return new Promise(resolve => {
    const socket = createSocket(isIPv6(options.address.replace(/%.*$/, '')) ? 'udp6' : 'udp4');
    const finish = settleOnce(options, resolve, () => socket.close());
    socket.on('message', message => {
      if (message.length <= MOST_DATAGRAM_BYTES && answersTo(query, message, options.end)) {
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

/** One query over a TCP connection of its own, for answers that UDP has no room for. */
export function askOverTcp(query: Buffer, options: ExchangeOptions): Promise<Exchange> {
  return new Promise(resolve => {
    const socket = connect({ host: options.address, port: options.port, noDelay: true });
    const finish = settleOnce(options, resolve, () => socket.destroy());
    let held = Buffer.alloc(0);
    socket.on('error', error => finish({ kind: 'failed', why: systemCodeOf(error) ?? messageOf(error) }));
    socket.on('close', () => finish({ kind: 'failed', why: 'the connection was closed without an answer' }));
    socket.on('data', chunk => {
      held = Buffer.concat([held, chunk]);
      for (;;) {
        const length = held.length >= 2 ? held.readUInt16BE(0) : undefined;
        if (length === undefined || held.length < 2 + length) return;
        const message = held.subarray(2, 2 + length);
        held = held.subarray(2 + length);
        if (answersTo(query, message, options.end)) return finish({ kind: 'message', message });
        options.onDropped();
      }
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(query.length);
    socket.write(Buffer.concat([length, query]));
  });
}

/** The first outcome counts; time and the signal are outcomes as well. */
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
