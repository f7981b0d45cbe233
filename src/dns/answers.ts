import { BoundedCache } from './bounded-cache.ts';
import type { Mark } from './directory/epochs.ts';
import type { AnswerCount, Transport } from './statistics.ts';
import { encodeReply, type Query, type Reply, rotationCount } from './wire/message.ts';

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
  find(question: Question): Found | undefined | Promise<Found | undefined>;
}

export interface Found {
  readonly answer: CachedAnswer;
  /** The answer may serve other clients. */
  readonly keep: boolean;
}

/** Validity and accounting of an answer. */
export interface AnswerMeta {
  /** The answer is valid while this mark holds. */
  readonly mark: Mark;
  /** Milliseconds on the responder's clock. */
  readonly until: number;
  /** The size limit that the answer was encoded for. */
  readonly limit: number;
  readonly count: AnswerCount;
  /** TTLs that count down, in forwarded answers; undefined if they are constant. */
  readonly ttlInfo: TtlInfo | undefined;
}

export interface TtlInfo {
  /** When the TTLs were right, in milliseconds on the responder's clock. */
  readonly since: number;
  readonly offsets: readonly number[];
}

/** An encoded answer. */
export interface CachedAnswer extends AnswerMeta {
  /** False if records were left out. */
  readonly whole: boolean;
  readonly bytes: Buffer;
  /** undefined if all clients get the addresses in the same order. */
  readonly rotation: Rotation | undefined;
}

/** The answer in several orders of its addresses, to spread clients that take the first one. */
export interface Rotation {
  /** All have the same length; undefined until the first use. */
  readonly variants: (Buffer | undefined)[];
  readonly encode: (index: number) => Buffer;
  /** An estimate of the memory that `encode` keeps. */
  readonly recordBytes: number;
  next: number;
}

/** More variants would cost memory and spread clients no better. */
const MAX_VARIANTS = 8;
/** Larger answers are not cached. */
const MAX_ANSWER_BYTES = 4096;
const RECORD_BYTES = 200;
/** An estimate of the memory of an entry beside its key and its message. */
const ENTRY_BYTES = 450;

/**
 * Encodes an answer.
 *
 * @param first number of the rotation to begin with; undefined keeps the order of the addresses
 */
export function encodeAnswer(meta: AnswerMeta, query: Query, reply: Reply, first: number | undefined): CachedAnswer {
  const orders = first === undefined ? 1 : rotationCount(reply.answers);
  const count = Math.max(1, Math.min(MAX_VARIANTS, orders));
  const encode = (index: number) => encodeReply(query, reply, meta.limit, Math.floor((index * orders) / count));
  const next = (first ?? 0) % count;
  const { bytes, truncated } = encode(next);
  if (count === 1) return { ...meta, whole: !truncated, bytes, rotation: undefined };
  const variants = new Array<Buffer | undefined>(count).fill(undefined);
  variants[next] = bytes;
  const recordBytes = RECORD_BYTES * reply.answers.length;
  const rotation = { variants, encode: (index: number) => encode(index).bytes, recordBytes, next };
  return { ...meta, whole: !truncated, bytes, rotation };
}

/** Whether an answer suits a client with this size limit. */
export function fits(answer: CachedAnswer, limit: number): boolean {
  return answer.limit === limit || (answer.whole && answer.bytes.length <= limit);
}

export function nextVariant({ bytes, rotation }: CachedAnswer): Buffer {
  if (rotation === undefined) return bytes;
  const index = rotation.next % rotation.variants.length;
  rotation.next = index + 1;
  return variant(rotation, index);
}

/** All variants, starting with the next one. */
export function allVariants({ bytes, rotation }: CachedAnswer): readonly Buffer[] {
  if (rotation === undefined) return [bytes];
  const { length } = rotation.variants;
  return Array.from({ length }, (_, index) => variant(rotation, (rotation.next + index) % length));
}

function variant(rotation: Rotation, index: number): Buffer {
  const encoded = rotation.variants[index] ?? rotation.encode(index);
  rotation.variants[index] = encoded;
  return encoded;
}

/** Encoded answers by the key of their question. @param maxBytes an estimate; see `sizeOf` */
export function answerCache(maxBytes: number): BoundedCache<string, CachedAnswer> {
  return new BoundedCache({ maxSize: maxBytes, maxEntrySize: MAX_ANSWER_BYTES * MAX_VARIANTS, sizeOf });
}

function sizeOf(key: string, { bytes, rotation }: CachedAnswer): number {
  const own = ENTRY_BYTES + key.length + bytes.length;
  return rotation === undefined ? own : own + bytes.length * rotation.variants.length + rotation.recordBytes;
}
