import { type Ages, answerCache, type CachedAnswer, fits, nextVariant } from './answer-cache.ts';
import type { AnswerSource, Found, Question } from './answer-source.ts';
import type { BoundedCache } from './bounded-cache.ts';
import type { Epochs } from './directory/epochs.ts';
import { labelsOf, lowerByte, textOf } from './names/name.ts';
import type { DnsStatistics, Transport } from './statistics.ts';
import { type Asked, EMPTY_REPLY, encodeReply } from './wire/message.ts';
import {
  CLASS_IN,
  EDNS_UDP_BYTES,
  FLAG,
  HEADER_BYTES,
  PLAIN_UDP_BYTES,
  RCODE,
  TCP_BYTES,
  TYPE,
} from './wire/numbers.ts';
import { QuestionReader } from './wire/question.ts';

export interface ResponderOptions {
  readonly source: AnswerSource;
  readonly epochs: Epochs;
  readonly statistics: DnsStatistics;
  /** A clock that never goes back, milliseconds. */
  readonly now: () => number;
  readonly cacheBytes?: number;
}

/** Some 80,000 answers of small Services; at least half as many that are asked for in turns. */
const CACHE_BYTES = 48 * 1024 * 1024;

/** `undefined`: no answer is due. */
export type Response = Buffer | undefined;

/** Messages in, messages out, with a cache of encoded answers; knows no socket. */
export class Responder {
  readonly #options: ResponderOptions;
  readonly #cache: BoundedCache<string, CachedAnswer>;
  readonly #reader = new QuestionReader();
  /** One byte for what else the answer depends on, the name in small letters, the type. */
  readonly #key = Buffer.alloc(1 + 255 + 2);

  constructor(options: ResponderOptions) {
    this.#options = options;
    this.#cache = answerCache(options.cacheBytes ?? CACHE_BYTES);
  }

  /** Answers that are kept. */
  get entries(): number {
    return this.#cache.entries;
  }

  /**
   * Answers one message: at once where nobody has to be asked. The message is not kept beyond the call. The way of a
   * known question allocates nothing but the answer itself: the socket costs ten times as much as all of this.
   */
  respond(message: Buffer, transport: Transport): Response | Promise<Response> {
    const { now, statistics } = this.#options;
    const start = now();
    const reader = this.#reader;
    const reading = reader.read(message);
    if (reading === 'drop') {
      statistics.dropped.malformed += 1;
      return undefined;
    }
    if (reading !== 'question') return this.#reject(message, { rcode: RCODE[reading], type: 0, transport });
    const { type } = reader;
    if (reader.class !== CLASS_IN || type === TYPE.AXFR || type === TYPE.IXFR) {
      return this.#reject(message, { rcode: RCODE.REFUSED, type, transport });
    }
    const key = this.#keyOf(message, transport);
    const known = this.#known(key, transport, start);
    if (known !== undefined) {
      known.count.total += 1;
      known.count.cached += 1;
      const answer = patched(nextVariant(known), message, reader.nameEnd);
      if (known.ages !== undefined) countDown(answer, known.ages, start);
      statistics.durations.took((now() - start) / 1000);
      return answer;
    }
    const question = this.#question(message, key, transport, start);
    const found = this.#options.source.find(question);
    return found instanceof Promise ? found.then(late => this.#finish(late, question)) : this.#finish(found, question);
  }

  /** The answer to what another thread has found to be a question for UDP, and counts itself. */
  find(message: Buffer): Found | undefined | Promise<Found | undefined> {
    this.#reader.read(message);
    const start = this.#options.now();
    const key = this.#keyOf(message, 'udp');
    const known = this.#known(key, 'udp', start);
    if (known !== undefined) return { answer: known, keep: true };
    const question = this.#question(message, key, 'udp', start);
    const found = this.#options.source.find(question);
    if (found !== undefined && 'answer' in found && found.keep) this.#cache.set(key, found.answer);
    return found;
  }

  /** A kept answer that still holds, for whoever asked the message that was read last. */
  #known(key: string, transport: Transport, now: number): CachedAnswer | undefined {
    const known = this.#cache.get(key);
    if (known === undefined || now >= known.until || !this.#options.epochs.holds(known.mark)) return undefined;
    return fits(known, this.#limit(transport)) ? known : undefined;
  }

  #question(message: Buffer, key: string, transport: Transport, start: number): Question {
    const { type } = this.#reader;
    return { asked: this.#asked(message), key, type, transport, limit: this.#limit(transport), start };
  }

  #finish(found: Found | undefined, { key, asked, start }: Question): Response {
    const { statistics, now } = this.#options;
    if (found === undefined) {
      statistics.dropped.overload += 1;
      return undefined;
    }
    const { answer, keep } = found;
    if (keep) this.#cache.set(key, answer);
    answer.count.total += 1;
    const bytes = patched(nextVariant(answer), asked.message, asked.nameEnd);
    const end = now();
    if (answer.ages !== undefined) countDown(bytes, answer.ages, end);
    statistics.durations.took((end - start) / 1000);
    return bytes;
  }

  /** Answers a message that is not a question which could be looked up. */
  #reject(message: Buffer, { rcode, type, transport }: { rcode: number; type: number; transport: Transport }): Buffer {
    const { statistics, source } = this.#options;
    statistics.of('.', type, rcode, transport).total += 1;
    const reply = { ...EMPTY_REPLY, rcode, recursion: source.recursion };
    return encodeReply(this.#asked(message), reply, this.#limit(transport)).bytes;
  }

  #limit(transport: Transport): number {
    if (transport === 'tcp') return TCP_BYTES;
    return this.#reader.hasOpt ? Math.min(this.#reader.payload, EDNS_UDP_BYTES) : PLAIN_UDP_BYTES;
  }

  #asked(message: Buffer): Asked {
    const { id, flags, nameEnd, hasOpt, dnssecOk } = this.#reader;
    const name = nameEnd === 0 ? '' : textOf(labelsOf(message.subarray(HEADER_BYTES, nameEnd)));
    // A copy: the message may be a piece of much more that came with it.
    const head = Buffer.from(message.subarray(0, nameEnd === 0 ? HEADER_BYTES : nameEnd + 4));
    return { message: head, id, flags, nameEnd, name, hasOpt, dnssecOk };
  }

  /** Length bytes are at most 63 and `A` is 65, so that all bytes of a name can be treated alike. */
  #keyOf(message: Buffer, transport: Transport): string {
    const { nameEnd, hasOpt, dnssecOk, flags } = this.#reader;
    const key = this.#key;
    key[0] =
      (transport === 'tcp' ? 1 : 0) |
      (hasOpt ? 2 : 0) |
      (dnssecOk ? 4 : 0) |
      // Askers that check for themselves may get other answers from upstreams.
      ((flags & FLAG.CD) === 0 ? 0 : 8);
    let at = 1;
    for (let from = HEADER_BYTES; from < nameEnd; from++) key[at++] = lowerByte(message[from] ?? 0);
    key[at++] = message[nameEnd] ?? 0;
    key[at++] = message[nameEnd + 1] ?? 0;
    return key.toString('latin1', 0, at);
  }
}

const RD_BIT = FLAG.RD >> 8;

/** An answer as this asker's own: id, RD bit and the case of the name. */
function patched(answer: Buffer, message: Uint8Array, nameEnd: number): Buffer {
  const copy = Buffer.allocUnsafe(answer.length);
  answer.copy(copy);
  copy[0] = message[0] ?? 0;
  copy[1] = message[1] ?? 0;
  copy[2] = ((copy[2] ?? 0) & ~RD_BIT) | ((message[2] ?? 0) & RD_BIT);
  for (let at = HEADER_BYTES; at < nameEnd; at++) copy[at] = message[at] ?? 0;
  return copy;
}

function countDown(answer: Buffer, { since, offsets }: Ages, now: number): void {
  const seconds = Math.floor((now - since) / 1000);
  if (seconds <= 0) return;
  for (const at of offsets) answer.writeUInt32BE(Math.max(0, answer.readUInt32BE(at) - seconds), at);
}
