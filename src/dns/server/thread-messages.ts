import type { SocketAddress } from '../../net/index.ts';
import type { Found } from '../answers.ts';
import { allVariants, type CachedAnswer } from '../answers.ts';
import type { Mark } from '../directory/epochs.ts';
import type { DnsStatistics, StatisticsDelta } from '../statistics.ts';
import { ownCopy } from '../wire/own-copy.ts';

/** What a worker thread starts with. */
export interface ThreadSetup {
  /** With actual ports. */
  readonly places: readonly SocketAddress[];
  /** The memory of `Epochs`. */
  readonly epochs: SharedArrayBuffer;
  readonly recursion: boolean;
  readonly ratePerClient: number;
}

export type FromThread =
  | { readonly kind: 'listening' }
  | { readonly kind: 'refused'; readonly place: SocketAddress; readonly code: string | undefined; readonly why: string }
  /** A query, unchanged. */
  | { readonly kind: 'query'; readonly id: number; readonly message: Uint8Array }
  | { readonly kind: 'counts'; readonly counts: StatisticsDelta };

export type ToThread =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: AnswerMessage | undefined }
  /** Requests `counts`. */
  | { readonly kind: 'count' };

/** An answer for the cache of a worker thread. */
export interface AnswerMessage {
  readonly keep: boolean;
  /** See `Rotation`. */
  readonly variants: readonly Uint8Array[];
  readonly mark: Mark;
  /** Remaining milliseconds; each thread has its own clock. */
  readonly lifetime: number;
  /** `TtlInfo` with the time that has passed since. */
  readonly ttlInfo: { readonly offsets: readonly number[]; readonly age: number } | undefined;
  readonly limit: number;
  readonly whole: boolean;
  readonly zone: string;
  readonly type: number;
  readonly rcode: number;
}

export function answerMessage({ answer, keep }: Found, now: number): AnswerMessage {
  const { mark, until, limit, whole, count } = answer;
  const { zone, type, rcode } = count;
  // One order is enough if the answer is not cached.
  const variants = (keep ? allVariants(answer) : [answer.bytes]).map(ownCopy);
  const ttlInfo = answer.ttlInfo && { offsets: answer.ttlInfo.offsets, age: now - answer.ttlInfo.since };
  return { keep, variants, mark, lifetime: until - now, ttlInfo, limit, whole, zone, type, rcode };
}

export function answerOf(message: AnswerMessage, statistics: DnsStatistics, now: number): Found {
  const { keep, mark, limit, whole, zone, type, rcode, ttlInfo } = message;
  const variants = message.variants.map(bytes => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  const [bytes = Buffer.alloc(0)] = variants;
  const answer: CachedAnswer = {
    mark,
    until: now + message.lifetime,
    ttlInfo: ttlInfo && { since: now - ttlInfo.age, offsets: ttlInfo.offsets },
    limit,
    whole,
    bytes,
    count: statistics.of(zone, type, rcode, 'udp'),
    rotation: variants.length === 1 ? undefined : { variants, encode: () => bytes, recordBytes: 0, next: 0 },
  };
  return { answer, keep };
}
