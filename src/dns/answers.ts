import type { Mark } from './directory/epochs.ts';
import type { AnswerCount, Transport } from './statistics.ts';
import { type AddressRange, encodeReply, type Query, type Reply } from './wire/message.ts';
import { FLAG, HEADER_BYTES } from './wire/numbers.ts';

/** A question that the cache has no answer for. */
export interface Question {
  readonly query: Query;
  /** Questions with the same key have the same answer. */
  readonly key: string;
  readonly type: number;
  readonly transport: Transport;
  /** The size of the largest response that the client accepts. */
  readonly limit: number;
  /** Milliseconds on the responder's clock. */
  readonly start: number;
}

/** Finds answers: `LocalAnswerSource` in the directory and upstream, `WorkerAnswerSource` in the main thread. */
export interface AnswerSource {
  /** The RA bit: this server forwards queries for names outside its zones. */
  readonly recursion: boolean;
  /** @returns undefined if too many questions wait already; the promise never rejects */
  find(question: Question): EncodedAnswer | undefined | Promise<EncodedAnswer | undefined>;
}

/** An encoded answer: plain data, so that threads can send it. */
export interface EncodedAnswer {
  /** The answer may serve other clients. */
  readonly keep: boolean;
  /** In memory of its own. */
  readonly bytes: Buffer;
  /** False if records were left out. */
  readonly whole: boolean;
  /** The size limit that the answer was encoded for. */
  readonly limit: number;
  /** The answer is valid while this mark holds. */
  readonly mark: Mark;
  /** Milliseconds on the responder's clock. */
  readonly until: number;
  readonly count: AnswerCount;
  /** TTLs that count down, in forwarded answers; undefined if they are constant. */
  readonly ttlInfo: TtlInfo | undefined;
  readonly rotation: Rotation | undefined;
}

export interface TtlInfo {
  /** When the TTLs were right, in milliseconds on the responder's clock. */
  readonly since: number;
  readonly offsets: readonly number[];
}

/** The addresses of an answer. Each client gets them in the next order, to spread clients that take the first one. */
interface Rotation extends AddressRange {
  /** Offset of the next first address. */
  next: number;
}

/** Encodes an answer. @param rotation number of the address to begin with; undefined keeps the order for all clients */
export function encodeAnswer(
  meta: Pick<EncodedAnswer, 'keep' | 'limit' | 'mark' | 'until' | 'count'>,
  query: Query,
  reply: Reply,
  rotation: number | undefined,
): EncodedAnswer {
  const { bytes, truncated, addresses } = encodeReply(query, reply, meta.limit, rotation);
  const rotates = rotation !== undefined && addresses !== undefined;
  return {
    ...meta,
    bytes,
    whole: !truncated,
    ttlInfo: undefined,
    rotation: rotates ? { ...addresses, next: addresses.start } : undefined,
  };
}

/** Whether an answer suits a client with this size limit. */
export function fits(answer: EncodedAnswer, limit: number): boolean {
  return answer.limit === limit || (answer.whole && answer.bytes.length <= limit);
}

const RD_BIT = FLAG.RD >> 8;

/**
 * Copies an answer for a client: with its id, its RD bit, the case of its name, TTLs as of now, and the next order of
 * addresses.
 */
export function responseTo(message: Uint8Array, nameEnd: number, answer: EncodedAnswer, now: number): Buffer {
  const { bytes, rotation, ttlInfo } = answer;
  const response = Buffer.allocUnsafe(bytes.length);
  bytes.copy(response);
  response[0] = message[0] ?? 0;
  response[1] = message[1] ?? 0;
  response[2] = ((response[2] ?? 0) & ~RD_BIT) | ((message[2] ?? 0) & RD_BIT);
  for (let at = HEADER_BYTES; at < nameEnd; at++) response[at] = message[at] ?? 0;
  if (ttlInfo !== undefined) countDown(response, ttlInfo, now);
  if (rotation !== undefined) rotate(response, bytes, rotation);
  return response;
}

function countDown(response: Buffer, { since, offsets }: TtlInfo, now: number): void {
  const seconds = Math.floor((now - since) / 1000);
  if (seconds <= 0) return;
  for (const at of offsets) response.writeUInt32BE(Math.max(0, response.readUInt32BE(at) - seconds), at);
}

/** Begins with the next address. No name in the message points into the addresses, as their own names are pointers. */
function rotate(response: Buffer, bytes: Buffer, rotation: Rotation): void {
  const { start, end, size, next } = rotation;
  if (next > start) {
    bytes.copy(response, start, next, end);
    bytes.copy(response, start + end - next, start, next);
  }
  rotation.next = next + size < end ? next + size : start;
}
