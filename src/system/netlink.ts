/**
 * Raw netlink sockets (RFC 3549) for what no library offers in process: the generation of the nftables rules,
 * notifications of their change, single entries of connection tracking. Linux only; libc is called by FFI.
 *
 * @module
 */
import { errnoName, errno as lastErrno, libc } from './libc.ts';

/** linux/netlink.h */
export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
/** Something changed during the dump: the reply may contain some objects twice and lack others. */
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_DUMP = 0x300;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const SO_RCVBUFFORCE = 33;
const SO_SNDBUFFORCE = 32;
const MSG_DONTWAIT = 0x40;
/** The kernel sends replies to a dump in chunks of up to 32 KiB. */
const RECEIVE_BYTES = 128 * 1024;
const EAGAIN = 11;
const EINTR = 4;
/** Bytes of a message's header. */
export const HEADER = 16;

export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** Port id of the socket whose request it answers or reports; 0: the kernel. */
  readonly port: number;
  readonly payload: Buffer;
}

/** An error of netlink or libc, with its error number. */
export class NetlinkError extends Error {
  readonly errno: number;

  constructor(what: string, errno: number) {
    super(`${what}: ${errnoName(errno)}`);
    this.name = 'NetlinkError';
    this.errno = errno;
  }
}

export class NetlinkSocket {
  readonly #api = libc();
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(RECEIVE_BYTES);
  #sequence = 0;
  #closed = false;

  /**
   * @param protocol for example NETLINK_NETFILTER, 12
   * @param groups multicast groups to join, as a bit mask
   * @throws NetlinkError
   */
  constructor(protocol: number, groups = 0) {
    this.#fd = this.#api.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol);
    if (this.#fd < 0) throw new NetlinkError('a netlink socket cannot be opened', lastErrno());
    const address = Buffer.alloc(12);
    address.writeUInt16LE(AF_NETLINK, 0);
    address.writeUInt32LE(groups, 8);
    if (this.#api.bind(this.#fd, address, address.length) < 0) {
      const errno = lastErrno();
      this.close();
      throw new NetlinkError('a netlink socket cannot be bound', errno);
    }
    // The kernel answers within the call; a second allows for a very busy machine.
    const timeout = Buffer.alloc(16);
    timeout.writeBigInt64LE(1n, 0);
    this.#api.setsockopt(this.#fd, SOL_SOCKET, SO_RCVTIMEO, timeout, timeout.length);
  }

  /** Enlarges the receive buffer, beyond the system's limit if the rights allow it. */
  widen(bytes: number): void {
    this.#size(SO_RCVBUFFORCE, bytes);
  }

  /**
   * Sends one request and returns its answer; a request with NLM_F_ACK has none.
   *
   * @throws NetlinkError with the kernel's error number
   */
  request(type: number, flags: number, payload: Buffer): NetlinkMessage[] {
    const sequence = this.begin(type, flags, payload);
    const answers: NetlinkMessage[] = [];
    for (;;) {
      for (const message of this.receive() ?? []) {
        if (message.sequence !== sequence) continue;
        if (message.type === NLMSG_DONE) return answers;
        if (message.type === NLMSG_ERROR) {
          const errno = -message.payload.readInt32LE(0);
          if (errno !== 0) throw new NetlinkError('netlink', errno);
          return answers;
        }
        answers.push(message);
        if ((flags & NLM_F_ACK) === 0) return answers;
      }
    }
  }

  /** Sends a request without waiting for its answer. @returns its sequence number. @throws NetlinkError */
  begin(type: number, flags: number, payload: Buffer): number {
    const sequence = ++this.#sequence;
    this.#send(type, flags | NLM_F_REQUEST, sequence, payload);
    return sequence;
  }

  /**
   * Sends messages as one batch. From `LONG_BATCH` bytes on, another thread sends them, since the call lasts as long as
   * the kernel works.
   *
   * @returns the error numbers of the rejected messages, by their sequence numbers; empty: all were accepted
   * @throws NetlinkError if they cannot be sent
   */
  async batch(messages: Buffer): Promise<ReadonlyMap<number, number>> {
    this.#size(SO_SNDBUFFORCE, messages.length * 2);
    const sent =
      messages.length < LONG_BATCH
        ? this.#api.send(this.#fd, messages, messages.length, 0)
        : await this.#api.sendAsync(this.#fd, messages, messages.length, 0);
    if (sent < 0) throw new NetlinkError('netlink', lastErrno());
    const errors = new Map<number, number>();
    for (const { type, payload, sequence } of this.drain() ?? [LOST]) {
      const errno = type === NLMSG_ERROR ? -payload.readInt32LE(0) : 0;
      if (errno !== 0) errors.set(sequence, errno);
    }
    return errors;
  }

  /**
   * Reads the messages of the groups that wait.
   *
   * @returns undefined if some were lost because they were not read in time
   */
  drain(): NetlinkMessage[] | undefined {
    const messages: NetlinkMessage[] = [];
    for (;;) {
      let some: NetlinkMessage[] | undefined;
      try {
        some = this.receive(MSG_DONTWAIT);
      } catch {
        return undefined;
      }
      if (some === undefined) return messages;
      for (const message of some) messages.push(message);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#api.close(this.#fd);
  }

  #size(option: number, bytes: number): void {
    const size = Buffer.alloc(4);
    size.writeInt32LE(bytes, 0);
    this.#api.setsockopt(this.#fd, SOL_SOCKET, option, size, size.length);
  }

  #send(type: number, flags: number, sequence: number, payload: Buffer): void {
    const message = netlinkMessage(type, flags, sequence, payload);
    if (this.#api.send(this.#fd, message, message.length, 0) < 0) throw new NetlinkError('netlink', lastErrno());
  }

  /** The messages of one read. @returns undefined if there are none and it should not wait. @throws NetlinkError */
  receive(flags = 0): NetlinkMessage[] | undefined {
    const size = this.#api.recv(this.#fd, this.#buffer, this.#buffer.length, flags);
    if (size < 0) {
      const errno = lastErrno();
      if (errno === EINTR) return [];
      if (errno === EAGAIN && flags === MSG_DONTWAIT) return undefined;
      throw new NetlinkError('netlink', errno);
    }
    const messages: NetlinkMessage[] = [];
    for (let at = 0; at + HEADER <= size; ) {
      const length = this.#buffer.readUInt32LE(at);
      if (length < HEADER || at + length > size) break;
      messages.push({
        type: this.#buffer.readUInt16LE(at + 4),
        flags: this.#buffer.readUInt16LE(at + 6),
        sequence: this.#buffer.readUInt32LE(at + 8),
        port: this.#buffer.readUInt32LE(at + 12),
        payload: Buffer.from(this.#buffer.subarray(at + HEADER, at + length)),
      });
      at += align(length);
    }
    return messages;
  }
}

/** From this size on, another thread makes the call. */
const LONG_BATCH = 64 * 1024;

/** Stands for errors that did not fit into the socket's buffer. */
const LOST: NetlinkMessage = {
  type: NLMSG_ERROR,
  flags: 0,
  sequence: 0,
  port: 0,
  payload: Buffer.from([-105 & 0xff, 0xff, 0xff, 0xff]),
};

/** One message with its header. */
export function netlinkMessage(type: number, flags: number, sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(HEADER + payload.length, 0);
  header.writeUInt16LE(type, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt32LE(sequence, 8);
  return Buffer.concat([header, payload]);
}

/** An attribute: its type and its bytes, with netlink's padding. */
export function attribute(type: number, value: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16LE(4 + value.length, 0);
  header.writeUInt16LE(type, 2);
  return Buffer.concat([header, value, Buffer.alloc(align(value.length) - value.length)]);
}

/** NLA_F_NESTED */
export const NESTED = 0x8000;
const TYPE_MASK = 0x3fff;

export function nested(type: number, ...attributes: readonly Buffer[]): Buffer {
  return attribute(type | NESTED, Buffer.concat(attributes));
}

/** The attributes in a buffer by their types. */
export function attributesIn(buffer: Buffer): Map<number, Buffer> {
  return new Map(attributeList(buffer));
}

/** The attributes in a buffer in order: type and value. */
export function* attributeList(buffer: Buffer): Generator<[number, Buffer]> {
  for (let at = 0; at + 4 <= buffer.length; ) {
    const length = buffer.readUInt16LE(at);
    if (length < 4 || at + length > buffer.length) break;
    yield [buffer.readUInt16LE(at + 2) & TYPE_MASK, buffer.subarray(at + 4, at + length)];
    at += align(length);
  }
}

/** Messages and attributes begin at multiples of four. */
export function align(length: number): number {
  return (length + 3) & ~3;
}
