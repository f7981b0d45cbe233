import type { Socket } from 'node:net';
import type { Responder } from '../responder.ts';

const LENGTH_BYTES = 2;
/** Questions of one connection that wait for others (RFC 7766, 6.2.1.1 allows any order of answers). */
const MOST_WAITING = 100;
/** Answers that the asker does not read; beyond it no more questions are taken. */
const MOST_UNREAD_BYTES = 1024 * 1024;

/** One TCP connection: messages behind two bytes of length, in pieces of any size (RFC 7766). */
export class TcpConnection {
  /** When the last whole question came, or the connection. Milliseconds. */
  lastActive: number;
  readonly #socket: Socket;
  readonly #responder: Responder;
  readonly #now: () => number;
  /** What has come and is not answered; joined only when a message is whole, or one that comes byte by byte is costly. */
  #pieces: Buffer[] = [];
  #have = 0;
  /** Bytes that are needed to go on. */
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
    // Resets are everyday; `close` follows.
    socket.on('error', () => socket.destroy());
  }

  /** Whether nothing is owed to the asker. */
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

  /** Answers what is there, as far as the bounds allow. */
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
    // A copy of a small rest, so that it does not keep a large piece alive.
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
    return this.#waiting < MOST_WAITING && this.#socket.writableLength < MOST_UNREAD_BYTES && !this.#socket.destroyed;
  }

  #resume(): void {
    if (this.#mayTake()) this.#work();
    else this.#endIfDone();
  }

  /** An asker that has said all it will say gets its answers first. */
  #endIfDone(): void {
    const done = this.#ended && this.#waiting === 0 && this.#have < this.#need;
    if (done && !this.#socket.writableEnded) this.#socket.end();
  }
}
