import type { Socket } from 'node:net';
import type { Responder } from '../responder.ts';

const LENGTH_BYTES = 2;
/** Queries of one connection that wait for an answer (RFC 7766, 6.2.1.1 allows any order of responses). */
const MAX_WAITING = 100;
/** Responses that the client has not read; above the limit the connection takes no more queries. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/** A TCP connection: messages with a length prefix of two bytes, in segments of any size (RFC 7766). */
export class TcpConnection {
  /** The time of the last complete query, or of the connection, in milliseconds. */
  lastActive: number;
  readonly #socket: Socket;
  readonly #responder: Responder;
  readonly #now: () => number;
  /** Unprocessed segments. Joins them only for a complete message, since one that arrives byte by byte would be costly. */
  #pieces: Buffer[] = [];
  #have = 0;
  /** The number of bytes needed to continue. */
  #need = LENGTH_BYTES;
  #waiting = 0;
  #ended = false;

  constructor(socket: Socket, responder: Responder, now: () => number) {
    this.#socket = socket;
    this.#responder = responder;
    this.#now = now;
    this.lastActive = now();
    socket.setNoDelay(true);
    socket.on('data', piece => this.#take(piece));
    socket.on('drain', () => this.#resume());
    socket.on('end', () => {
      this.#ended = true;
      this.#endIfDone();
    });
    // Resets are normal; `close` follows.
    socket.on('error', () => socket.destroy());
  }

  /** Whether no query waits for an answer. */
  get idle(): boolean {
    return this.#waiting === 0;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#have += piece.length;
    if (this.#have >= this.#need) this.#work();
  }

  /** Processes complete messages up to the limits. */
  #work(): void {
    const socket = this.#socket;
    const [first] = this.#pieces;
    const all = this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces);
    let at = 0;
    this.#need = LENGTH_BYTES;
    socket.cork();
    while (all.length - at >= LENGTH_BYTES) {
      const end = at + LENGTH_BYTES + all.readUInt16BE(at);
      if (all.length < end || !this.#mayTake()) {
        this.#need = end - at;
        break;
      }
      this.#answer(all.subarray(at + LENGTH_BYTES, end));
      at = end;
      this.#need = LENGTH_BYTES;
    }
    this.#have = all.length - at;
    // Copy the rest, so that it does not keep a large segment in memory.
    this.#pieces = this.#have === 0 ? [] : [at === 0 ? all : Buffer.from(all.subarray(at))];
    socket.uncork();
    if (this.#mayTake()) socket.resume();
    else socket.pause();
    this.#endIfDone();
  }

  #answer(message: Buffer): void {
    this.lastActive = this.#now();
    const response = this.#responder.respond(message, 'tcp');
    if (response === undefined) return;
    if (!(response instanceof Promise)) {
      this.#write(response);
      return;
    }
    this.#waiting += 1;
    void response.then(bytes => {
      this.#waiting -= 1;
      this.lastActive = this.#now();
      if (bytes !== undefined) this.#write(bytes);
      this.#resume();
    });
  }

  #write(response: Buffer): void {
    if (this.#socket.destroyed || !this.#socket.writable) return;
    const length = Buffer.allocUnsafe(LENGTH_BYTES);
    length.writeUInt16BE(response.length);
    this.#socket.write(length);
    this.#socket.write(response);
  }

  #mayTake(): boolean {
    return this.#waiting < MAX_WAITING && this.#socket.writableLength < MAX_UNREAD_BYTES && !this.#socket.destroyed;
  }

  #resume(): void {
    if (this.#mayTake()) this.#work();
    else this.#endIfDone();
  }

  /** Ends the connection of a client that has closed its side once all queries are answered. */
  #endIfDone(): void {
    const done = this.#ended && this.#waiting === 0 && this.#have < this.#need;
    if (done && !this.#socket.writableEnded) this.#socket.end();
  }
}
