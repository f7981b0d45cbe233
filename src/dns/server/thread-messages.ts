import type { SocketAddress } from '../../kube/address.ts';
import { allVariants, type CachedAnswer } from '../answer-cache.ts';
import type { Found } from '../answer-source.ts';
import type { Mark } from '../directory/epochs.ts';
import type { DnsStatistics, StatisticsTaken } from '../statistics.ts';

/** What a thread with a socket of its own is started with. */
export interface ThreadSetup {
  /** With their ports. */
  readonly places: readonly SocketAddress[];
  /** Of `Epochs`. */
  readonly epochs: SharedArrayBuffer;
  readonly recursion: boolean;
  readonly ratePerClient: number;
}

export type FromThread =
  | { readonly kind: 'listening' }
  | { readonly kind: 'refused'; readonly place: SocketAddress; readonly code: string | undefined; readonly why: string }
  /** A question, as it came. */
  | { readonly kind: 'ask'; readonly id: number; readonly message: Uint8Array }
  | { readonly kind: 'counts'; readonly counts: StatisticsTaken };

export type ToThread =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: AnswerMessage }
  /** What was counted since is to be sent. */
  | { readonly kind: 'count' };

/** An answer on its way to a thread that keeps it. */
export interface AnswerMessage {
  readonly keep: boolean;
  /** In all orders of its addresses. */
  readonly variants: readonly Uint8Array[];
  readonly mark: Mark;
  /** Milliseconds: threads have clocks of their own. */
  readonly keptFor: number;
  /** Of `Ages`; so many milliseconds ago they were right. */
  readonly ttls: { readonly offsets: readonly number[]; readonly age: number } | undefined;
  readonly limit: number;
  readonly whole: boolean;
  readonly zone: string;
  readonly type: number;
  readonly rcode: number;
}

export function answerMessage({ answer, keep }: Found, now: number): AnswerMessage {
  const { mark, until, limit, whole, count, ages } = answer;
  const { zone, type, rcode } = count;
  // Not to be kept: one order is enough.
  const variants = keep ? allVariants(answer) : [answer.bytes];
  const ttls = ages === undefined ? undefined : { offsets: ages.offsets, age: now - ages.since };
  return { keep, variants, mark, keptFor: until - now, ttls, limit, whole, zone, type, rcode };
}

export function answerOf(message: AnswerMessage, statistics: DnsStatistics, now: number): Found {
  const { keep, mark, limit, whole, zone, type, rcode, ttls } = message;
  const variants = message.variants.map(bytes => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  const [bytes = Buffer.alloc(0)] = variants;
  const answer: CachedAnswer = {
    mark,
    until: now + message.keptFor,
    ages: ttls === undefined ? undefined : { since: now - ttls.age, offsets: ttls.offsets },
    limit,
    whole,
    bytes,
    count: statistics.of(zone, type, rcode, 'udp'),
    turns: variants.length === 1 ? undefined : { variants, make: () => bytes, recordBytes: 0, next: 0 },
  };
  return { answer, keep };
}
