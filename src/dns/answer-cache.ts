import type { ServiceRecords } from './directory/service-records.ts';
import type { AnswerCount } from './statistics.ts';
import { type Asked, encodeReply, type Reply, rotations } from './wire/message.ts';

/** What an answer to be kept is made of. */
interface Ingredients {
  /** The directory's generation that it was made in. */
  readonly generation: number;
  /** If it rests on one Service only, it holds as long as that is the same. */
  readonly rests: ServiceRecords | undefined;
  /** Milliseconds on the responder's clock. */
  readonly until: number;
  /** The size that it was made for. */
  readonly limit: number;
  readonly count: AnswerCount;
}

/** An answer that is kept encoded. */
export interface CachedAnswer extends Ingredients {
  /** All records found room. */
  readonly whole: boolean;
  readonly bytes: Buffer;
  /** The other orders of its addresses; undefined if there is one order only. */
  readonly turns: Turns | undefined;
}

interface Turns {
  readonly asked: Asked;
  readonly reply: Reply;
  /** Encoded when it is their turn for the first time; all are equally long. */
  readonly variants: (Buffer | undefined)[];
  next: number;
}

/** Enough for every client to meet another address first; more would be memory for nothing. */
const MOST_VARIANTS = 8;
/** A larger one is made each time. */
const MOST_BYTES_EACH = 4096;

/**
 * An answer with its first encoding.
 *
 * @param turn which order of its addresses comes first; undefined: they keep theirs
 */
export function cacheable(from: Ingredients, asked: Asked, reply: Reply, turn: number | undefined): CachedAnswer {
  const count = turn === undefined ? 1 : Math.max(1, Math.min(MOST_VARIANTS, rotations(reply.answers)));
  const index = (turn ?? 0) % count;
  const { bytes, truncated } = encodeReply(asked, reply, from.limit, rotationOf(index, count, reply));
  const whole = !truncated;
  if (count === 1) return { ...from, whole, bytes, turns: undefined };
  const variants = new Array<Buffer | undefined>(count).fill(undefined);
  variants[index] = bytes;
  return { ...from, whole, bytes, turns: { asked, reply, variants, next: index + 1 } };
}

/** Whether it serves an asker who takes so many bytes. */
export function fits(answer: CachedAnswer, limit: number): boolean {
  return answer.limit === limit || (answer.whole && answer.bytes.length <= limit);
}

/** The answer in the order whose turn it is. */
export function nextVariant({ bytes, limit, turns }: CachedAnswer): Buffer {
  if (turns === undefined) return bytes;
  const { asked, reply, variants } = turns;
  const index = turns.next % variants.length;
  turns.next = index + 1;
  const known = variants[index];
  if (known !== undefined) return known;
  const made = encodeReply(asked, reply, limit, rotationOf(index, variants.length, reply)).bytes;
  variants[index] = made;
  return made;
}

function rotationOf(index: number, variants: number, reply: Reply): number {
  return Math.floor((index * rotations(reply.answers)) / variants);
}

/**
 * Encoded answers by the bytes of their question. Two halves of one size: when the young one is full it becomes the old
 * one, and what was not asked since is gone with the old one before it. So it is bounded, and nothing is ever sorted.
 */
export class AnswerCache {
  readonly #halfBytes: number;
  #young = new Map<string, CachedAnswer>();
  #old = new Map<string, CachedAnswer>();
  #bytes = 0;

  /** @param bytes about how many are kept at most */
  constructor(bytes: number) {
    this.#halfBytes = bytes / 2;
  }

  get(key: string): CachedAnswer | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, answer: CachedAnswer): void {
    const size = sizeOf(key, answer);
    if (size > MOST_BYTES_EACH * MOST_VARIANTS) return;
    if (this.#bytes + size > this.#halfBytes) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#bytes = 0;
    }
    this.#bytes += size;
    this.#young.set(key, answer);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#bytes = 0;
  }
}

/** A reckoning, on the safe side. The records themselves are kept for orders that are still to be made. */
function sizeOf(key: string, { bytes, turns }: CachedAnswer): number {
  const own = ENTRY_BYTES + key.length + bytes.length;
  if (turns === undefined) return own;
  return own + bytes.length * turns.variants.length + RECORD_BYTES * turns.reply.answers.length;
}

const ENTRY_BYTES = 600;
const RECORD_BYTES = 200;
