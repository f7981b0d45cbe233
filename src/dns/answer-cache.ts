import { BoundedCache } from './bounded-cache.ts';
import type { Mark } from './directory/epochs.ts';
import type { AnswerCount } from './statistics.ts';
import { type Asked, encodeReply, type Reply, rotations } from './wire/message.ts';

/** What an answer is made of beside its bytes. */
export interface Ingredients {
  /** It holds as long as this does. */
  readonly mark: Mark;
  /** Milliseconds on the responder's clock. */
  readonly until: number;
  /** The size that it was made for. */
  readonly limit: number;
  readonly count: AnswerCount;
  /** TTLs that count down, of forwarded answers; undefined: they stay what they are. */
  readonly ages: Ages | undefined;
}

export interface Ages {
  /** Milliseconds on the responder's clock: when the TTLs were right. */
  readonly since: number;
  readonly offsets: readonly number[];
}

/** An answer that is kept encoded. */
export interface CachedAnswer extends Ingredients {
  /** All records found room. */
  readonly whole: boolean;
  readonly bytes: Buffer;
  /** The orders of its addresses; undefined if there is one order only. */
  readonly turns: Turns | undefined;
}

export interface Turns {
  /** All are equally long. */
  readonly variants: (Buffer | undefined)[];
  /** Makes one when it is its turn for the first time. */
  readonly make: (index: number) => Buffer;
  /** What the records cost that are kept for it. */
  readonly recordBytes: number;
  next: number;
}

/** Enough for every client to meet another address first; more would be memory for nothing. */
const MAX_VARIANTS = 8;
/** A larger one is made each time. */
const MAX_BYTES_EACH = 4096;
const RECORD_BYTES = 200;

/**
 * An answer with its first encoding.
 *
 * @param turn which order of its addresses comes first; undefined: they keep theirs
 */
export function cacheable(from: Ingredients, asked: Asked, reply: Reply, turn: number | undefined): CachedAnswer {
  const orders = turn === undefined ? 1 : rotations(reply.answers);
  const count = Math.max(1, Math.min(MAX_VARIANTS, orders));
  const encode = (index: number) => encodeReply(asked, reply, from.limit, Math.floor((index * orders) / count));
  const first = (turn ?? 0) % count;
  const { bytes, truncated } = encode(first);
  if (count === 1) return { ...from, whole: !truncated, bytes, turns: undefined };
  const variants = new Array<Buffer | undefined>(count).fill(undefined);
  variants[first] = bytes;
  const recordBytes = RECORD_BYTES * reply.answers.length;
  const turns = { variants, make: (index: number) => encode(index).bytes, recordBytes, next: first };
  return { ...from, whole: !truncated, bytes, turns };
}

/** Whether it serves an asker who takes so many bytes. */
export function fits(answer: CachedAnswer, limit: number): boolean {
  return answer.limit === limit || (answer.whole && answer.bytes.length <= limit);
}

/** The answer in the order whose turn it is. */
export function nextVariant({ bytes, turns }: CachedAnswer): Buffer {
  if (turns === undefined) return bytes;
  const index = turns.next % turns.variants.length;
  turns.next = index + 1;
  return variantOf(turns, index);
}

/** All orders of its addresses, from the one on whose turn it is. */
export function allVariants({ bytes, turns }: CachedAnswer): readonly Buffer[] {
  if (turns === undefined) return [bytes];
  const { length } = turns.variants;
  return Array.from({ length }, (_, index) => variantOf(turns, (turns.next + index) % length));
}

function variantOf(turns: Turns, index: number): Buffer {
  const known = turns.variants[index];
  if (known !== undefined) return known;
  const made = turns.make(index);
  turns.variants[index] = made;
  return made;
}

/** Encoded answers by the bytes of their question. @param maxBytes about how many are kept at most */
export function answerCache(maxBytes: number): BoundedCache<string, CachedAnswer> {
  return new BoundedCache({ maxSize: maxBytes, maxEntrySize: MAX_BYTES_EACH * MAX_VARIANTS, sizeOf });
}

/** A reckoning, on the safe side. */
function sizeOf(key: string, { bytes, turns }: CachedAnswer): number {
  const own = ENTRY_BYTES + key.length + bytes.length;
  return turns === undefined ? own : own + bytes.length * turns.variants.length + turns.recordBytes;
}

const ENTRY_BYTES = 450;
