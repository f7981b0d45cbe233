/**
 * A DNS server under a test's control: UDP and TCP on one loopback port; the test answers every query.
 *
 * @module
 */
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import dnsPacket, { type Answer } from 'dns-packet';
import type { ForwardedAnswer } from '../../src/dns/index.ts';

export interface ReceivedQuery {
  readonly via: 'udp' | 'tcp';
  /** The whole message. */
  readonly message: Buffer;
  /** The name as text, in the case of the query. */
  readonly name: string;
  /** The number of the record type. */
  readonly type: number;
  /** The client's port. */
  readonly from: number;
  /** The offset of the end of the question. */
  readonly end: number;
  /** Sends these bytes back unchanged. */
  send(message: Buffer): void;
  /** Closes the TCP connection. */
  close(): void;
}

export interface AnswerParts {
  readonly rcode?: number;
  /** Header flags besides QR, RD and RA. */
  readonly flags?: number;
  readonly answers?: readonly Answer[];
  readonly authorities?: readonly Answer[];
  readonly additionals?: readonly Answer[];
}

/** An answer to a query that repeats its question byte for byte. */
export function answerTo(query: Pick<ReceivedQuery, 'message' | 'end'>, parts: AnswerParts): Buffer {
  const body = dnsPacket.encode({
    type: 'response',
    id: query.message.readUInt16BE(0),
    flags: 0x0180 | (parts.flags ?? 0) | (parts.rcode ?? 0),
    answers: [...(parts.answers ?? [])],
    authorities: [...(parts.authorities ?? [])],
    additionals: [...(parts.additionals ?? [])],
  });
  body.writeUInt16BE(1, 4);
  return Buffer.concat([body.subarray(0, 12), query.message.subarray(12, query.end), body.subarray(12)]);
}

/** The part of such an answer that a resolver passes on. */
export function passedOn(
  question: { readonly name: Uint8Array; readonly type?: number },
  parts: AnswerParts & Partial<ForwardedAnswer>,
): ForwardedAnswer {
  const asked = Buffer.concat([Buffer.alloc(12), question.name, Buffer.from([0, question.type ?? 1, 0, 1])]);
  const message = answerTo({ message: asked, end: asked.length }, parts);
  const error = parts.extendedError === undefined ? {} : { extendedError: parts.extendedError };
  const truncated = parts.truncated === undefined ? {} : { truncated: parts.truncated };
  return { rcode: parts.rcode ?? 0, authenticated: parts.authenticated ?? false, message, ...error, ...truncated };
}

/** The records of an answer that a resolver passes on. */
export function recordsOf(answer: ForwardedAnswer): Record<'answers' | 'authorities' | 'additionals', Answer[]> {
  const { answers = [], authorities = [], additionals = [] } = answer.message ? dnsPacket.decode(answer.message) : {};
  return { answers, authorities, additionals };
}

/** Answers every query with this address. */
export function addressed(address: string, ttl = 60): (query: ReceivedQuery) => void {
  return query =>
    query.send(answerTo(query, { answers: [{ name: query.name, type: 'A', class: 'IN', ttl, data: address }] }));
}

export class FakeUpstream {
  readonly address = '127.0.0.1';
  readonly port: number;
  readonly queries: ReceivedQuery[] = [];
  /** Handles a query; by default nothing, so the client waits. */
  onQuery: (query: ReceivedQuery) => void = () => undefined;
  readonly #udp: Socket;
  readonly #tcp: Server;
  readonly #waiters = new Set<() => void>();

  private constructor(udp: Socket, tcp: Server) {
    this.#udp = udp;
    this.#tcp = tcp;
    this.port = udp.address().port;
    udp.on('message', (message, from) =>
      this.#received('udp', message, from.port, {
        send: answer => udp.send(answer, from.port, from.address),
        close: () => undefined,
      }),
    );
    tcp.on('connection', socket => {
      socket.on('error', () => undefined);
      let held = Buffer.alloc(0);
      socket.on('data', chunk => {
        held = Buffer.concat([held, chunk]);
        while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
          const message = held.subarray(2, 2 + held.readUInt16BE(0));
          held = held.subarray(2 + message.length);
          this.#received('tcp', message, socket.remotePort ?? 0, {
            send: answer => {
              const length = Buffer.alloc(2);
              length.writeUInt16BE(answer.length);
              // In two pieces, as TCP may deliver it.
              socket.write(length);
              socket.write(answer);
            },
            close: () => socket.destroy(),
          });
        }
      });
    });
  }

  /** `port`: 0 for any. */
  static async start(onQuery?: (query: ReceivedQuery) => void, port = 0): Promise<FakeUpstream> {
    for (;;) {
      const udp = createSocket('udp4');
      await new Promise<void>(done => udp.bind(port, '127.0.0.1', done));
      const tcp = createServer();
      const listens = await new Promise<boolean>(done => {
        tcp.on('error', () => done(false));
        tcp.listen(udp.address().port, '127.0.0.1', () => done(true));
      });
      if (listens) {
        const upstream = new FakeUpstream(udp, tcp);
        if (onQuery !== undefined) upstream.onQuery = onQuery;
        return upstream;
      }
      // Another process has the TCP port of that number.
      udp.close();
    }
  }

  /** Resolves when this many queries have arrived. */
  async received(count: number): Promise<ReceivedQuery> {
    while (this.queries.length < count) await new Promise<void>(done => this.#waiters.add(done));
    const query = this.queries[count - 1];
    if (query === undefined) throw new Error('no such query');
    return query;
  }

  /** Sends bytes to a port from which no query came. */
  async sendTo(message: Buffer, port: number): Promise<void> {
    await new Promise<void>(done => this.#udp.send(message, port, '127.0.0.1', () => done()));
  }

  async close(): Promise<void> {
    await new Promise<void>(done => this.#udp.close(done));
    await new Promise<void>(done => this.#tcp.close(() => done()));
  }

  #received(via: 'udp' | 'tcp', message: Buffer, from: number, reply: Pick<ReceivedQuery, 'send' | 'close'>): void {
    let end = 12;
    const labels: string[] = [];
    for (let length = message[end] ?? 0; length > 0; length = message[end] ?? 0) {
      labels.push(message.toString('latin1', end + 1, end + 1 + length));
      end += length + 1;
    }
    const name = labels.length === 0 ? '.' : labels.join('.');
    const query = { via, message, name, type: message.readUInt16BE(end + 1), from, end: end + 5, ...reply };
    this.queries.push(query);
    for (const waiter of this.#waiters) waiter();
    this.#waiters.clear();
    this.onQuery(query);
  }
}
