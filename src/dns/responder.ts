import { RCODE } from '../net/index.ts';
import { type AnswerSource, type EncodedAnswer, fits, type Question, responseTo } from './answers.ts';
import { BoundedCache } from './bounded-cache.ts';
import type { Epochs } from './directory/epochs.ts';
import { labelsOf, lowerByte, textOf } from './names/name.ts';
import type { DnsStatistics, Transport } from './statistics.ts';
import { EMPTY_REPLY, encodeReply, type Query } from './wire/message.ts';
import {
  CLASS_IN,
  EDNS_UDP_BYTES,
  FLAG,
  HEADER_BYTES,
  MAX_NAME_BYTES,
  PLAIN_UDP_BYTES,
  TCP_BYTES,
  TYPE,
} from './wire/numbers.ts';
import { QuestionReader } from './wire/question.ts';

export interface ResponderOptions {
  readonly source: AnswerSource;
  readonly epochs: Epochs;
  readonly statistics: DnsStatistics;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
}

/** Room for about 80,000 answers of small Services. */
const CACHE_BYTES = 48 * 1024 * 1024;
/** Larger answers are not cached. */
const MAX_ANSWER_BYTES = 32 * 1024;
/** An estimate of the memory of an entry beside its key and its message. */
const ENTRY_BYTES = 450;

/** `undefined`: send no response. */
export type Response = Buffer | undefined;

/** Turns queries into responses, with a cache of encoded answers. Knows nothing of sockets. */
export class Responder {
  readonly #options: ResponderOptions;
  readonly #cache: BoundedCache<string, EncodedAnswer>;
  readonly #reader = new QuestionReader();
  /** Scratch space for keys: a byte of flags, the name, the type. */
  readonly #key = Buffer.alloc(1 + MAX_NAME_BYTES + 2);

  constructor(options: ResponderOptions) {
    this.#options = options;
    this.#cache = new BoundedCache({
      maxSize: CACHE_BYTES,
      maxEntrySize: MAX_ANSWER_BYTES,
      sizeOf: (key, { bytes }) => ENTRY_BYTES + key.length + bytes.length,
    });
  }

  /** The number of cached answers. */
  get entries(): number {
    return this.#cache.entries;
  }

  /**
   * Responds to a message, synchronously unless another server or thread has to be asked. Keeps no reference to the
   * message. A cached answer allocates only the response; the socket costs ten times as much.
   */
  respond(message: Buffer, transport: Transport): Response | Promise<Response> {
    const { now, statistics, source } = this.#options;
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
    const limit = this.#limit(transport);
    const cached = this.#cached(key, limit, start);
    if (cached !== undefined) {
      cached.count.total += 1;
      cached.count.cached += 1;
      const response = responseTo(message, reader.nameEnd, cached, start);
      statistics.durations.observe((now() - start) / 1000);
      return response;
    }
    const question = { query: this.#query(message), key, type, transport, limit, start };
    const answer = source.find(question);
    return answer instanceof Promise
      ? answer.then(late => this.#finish(late, question))
      : this.#finish(answer, question);
  }

  /** Finds the answer for a worker thread, which counts it. */
  find(question: Question): EncodedAnswer | undefined | Promise<EncodedAnswer | undefined> {
    const { key, limit, start } = question;
    const cached = this.#cached(key, limit, start);
    if (cached !== undefined) return cached;
    const answer = this.#options.source.find(question);
    if (answer !== undefined && 'keep' in answer && answer.keep) this.#cache.set(key, answer);
    return answer;
  }

  /** A valid cached answer that suits a client with this size limit. */
  #cached(key: string, limit: number, now: number): EncodedAnswer | undefined {
    const cached = this.#cache.get(key);
    if (cached === undefined || now >= cached.until || !this.#options.epochs.holds(cached.mark)) return undefined;
    return fits(cached, limit) ? cached : undefined;
  }

  #finish(answer: EncodedAnswer | undefined, { key, query, start }: Question): Response {
    const { statistics, now } = this.#options;
    if (answer === undefined) {
      statistics.dropped.overload += 1;
      return undefined;
    }
    if (answer.keep) this.#cache.set(key, answer);
    answer.count.total += 1;
    const end = now();
    const response = responseTo(query.message, query.nameEnd, answer, end);
    statistics.durations.observe((end - start) / 1000);
    return response;
  }

  /** Responds to a message that is not a question which can be looked up. */
  #reject(message: Buffer, { rcode, type, transport }: { rcode: number; type: number; transport: Transport }): Buffer {
    const { statistics, source } = this.#options;
    statistics.of('.', type, rcode, transport).total += 1;
    const reply = { ...EMPTY_REPLY, rcode, recursion: source.recursion };
    return encodeReply(this.#query(message), reply, this.#limit(transport)).bytes;
  }

  #limit(transport: Transport): number {
    if (transport === 'tcp') return TCP_BYTES;
    return this.#reader.hasOpt ? Math.min(this.#reader.payload, EDNS_UDP_BYTES) : PLAIN_UDP_BYTES;
  }

  #query(message: Buffer): Query {
    const { flags, nameEnd, hasOpt, dnssecOk } = this.#reader;
    const name = nameEnd === 0 ? '' : textOf(labelsOf(message.subarray(HEADER_BYTES, nameEnd)));
    // A copy, since the message may be part of a larger buffer.
    const head = Buffer.from(message.subarray(0, nameEnd === 0 ? HEADER_BYTES : nameEnd + 4));
    return { message: head, flags, nameEnd, name, hasOpt, dnssecOk };
  }

  /** Lower-cases length bytes, too: they are at most 63, and `A` is 65. */
  #keyOf(message: Buffer, transport: Transport): string {
    const { nameEnd, hasOpt, dnssecOk, flags } = this.#reader;
    const key = this.#key;
    key[0] =
      (transport === 'tcp' ? 1 : 0) |
      (hasOpt ? 2 : 0) |
      (dnssecOk ? 4 : 0) |
      // With CD an upstream may answer differently.
      ((flags & FLAG.CD) === 0 ? 0 : 8);
    let at = 1;
    for (let from = HEADER_BYTES; from < nameEnd; from++) key[at++] = lowerByte(message[from] ?? 0);
    key[at++] = message[nameEnd] ?? 0;
    key[at++] = message[nameEnd + 1] ?? 0;
    return key.toString('latin1', 0, at);
  }
}
