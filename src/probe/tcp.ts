import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { systemCodeOf } from '../errors.ts';

/** How a connection attempt ended. */
export type Reached = 'open' | 'refused' | 'silent' | 'unreachable';

/** The protocol that a server seems to speak. */
export type Speaks =
  | { readonly kind: 'http'; readonly status: number }
  | { readonly kind: 'tls' }
  /** The server sends data first: SSH, SMTP, MySQL and the like. */
  | { readonly kind: 'greets' }
  | { readonly kind: 'other' };

/** How long to wait for a greeting; servers that greet do so at once. */
const GREETING_MS = 150;

/** One connection attempt; `silent` after `timeoutMs` without an answer. */
export async function reachTcp(address: string, port: number, timeoutMs: number): Promise<Reached> {
  const { reached, socket } = await open(address, port, timeoutMs);
  socket?.destroy();
  return reached;
}

/** Detects the protocol of a server: waits for a greeting, then sends `GET /`, then tries a TLS handshake. */
export async function whatSpeaks(address: string, port: number, timeoutMs: number): Promise<Speaks> {
  const { socket } = await open(address, port, timeoutMs);
  if (socket === undefined) return { kind: 'other' };
  const greeting = await firstBytes(socket, GREETING_MS);
  if (greeting !== undefined && greeting.length > 0) {
    socket.destroy();
    return { kind: 'greets' };
  }
  socket.write(`GET / HTTP/1.1\r\nHost: ${address}\r\nUser-Agent: switchboard\r\nConnection: close\r\n\r\n`);
  const answer = (await firstBytes(socket, timeoutMs))?.toString('latin1') ?? '';
  socket.destroy();
  const status = /^HTTP\/1\.\d (\d{3})/.exec(answer)?.[1];
  // Many TLS servers answer plain HTTP with 400, so the handshake decides.
  if (status !== undefined && status !== '400') return { kind: 'http', status: Number(status) };
  if (await speaksTls(address, port, timeoutMs)) return { kind: 'tls' };
  return status === undefined ? { kind: 'other' } : { kind: 'http', status: Number(status) };
}

function open(address: string, port: number, timeoutMs: number): Promise<{ reached: Reached; socket?: Socket }> {
  return new Promise(resolve => {
    const socket = connect(port, address);
    const timer = setTimeout(() => {
      socket.destroy();
      resolve({ reached: 'silent' });
    }, timeoutMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve({ reached: 'open', socket });
    });
    // Also handles later errors, which must not end this process.
    socket.on('error', error => {
      clearTimeout(timer);
      resolve({ reached: systemCodeOf(error) === 'ECONNREFUSED' ? 'refused' : 'unreachable' });
    });
  });
}

function firstBytes(socket: Socket, waitMs: number): Promise<Buffer | undefined> {
  return new Promise(resolve => {
    const done = (bytes: Buffer | undefined): void => {
      clearTimeout(timer);
      socket.off('data', done);
      socket.off('close', onClose);
      resolve(bytes);
    };
    const onClose = (): void => done(undefined);
    const timer = setTimeout(done, waitMs, undefined);
    socket.once('data', done);
    socket.once('close', onClose);
  });
}

function speaksTls(address: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise(resolve => {
    // The certificate does not matter here, only that the server speaks TLS.
    const socket = connectTls({ host: address, port, rejectUnauthorized: false, timeout: timeoutMs });
    const done = (speaks: boolean): void => {
      socket.destroy();
      resolve(speaks);
    };
    socket.once('secureConnect', () => done(true));
    socket.once('timeout', () => done(false));
    // A server that requires a client certificate ends the handshake with a TLS alert, which also proves TLS.
    socket.once('error', error => done(/alert/i.test(error.message)));
  });
}
