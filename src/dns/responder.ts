import { AnswerCache, cacheable, fits, nextVariant } from './answer-cache.ts';
import type { Directory } from './directory/directory.ts';
import type { Answered, Lookup, Outcome } from './lookup.ts';
import { labelsOf, lowerByte, textOf } from './names/name.ts';
import type { ForwardedAnswer, ForwardQuestion, Resolver } from './resolver.ts';
import type { DnsStatistics, Transport } from './statistics.ts';
import { type Asked, encodeReply, type Reply } from './wire/message.ts';
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
import { QuestionReader, type Reading } from './wire/question.ts';

export interface ResponderOptions {
  readonly directory: Directory;
  readonly lookup: Lookup;
  /** Who is asked for what is not ours; undefined: nobody. */
  readonly resolver: Resolver | undefined;
  readonly statistics: DnsStatistics;
  /** A clock that never goes back, milliseconds. */
  readonly now: () => number;
  readonly cacheBytes?: number;
}

/** Some 40,000 answers of small Services. */
const CACHE_BYTES = 32 * 1024 * 1024;

/** `undefined`: no answer is due. */
export type Response = Buffer | undefined;

/** A forwarded answer's TTLs count down in the resolver; here it is kept shorter than anybody could notice. */
const FORWARDED_MS = 1000;

/** Messages in, messages out; knows no socket. */
export class Responder {
  readonly #options: ResponderOptions;
  readonly #cache: AnswerCache;
  readonly #reader = new QuestionReader();
  /** One byte for what else the answer depends on, the name in small letters, the type. */
  readonly #key = Buffer.alloc(1 + 255 + 2);
  #turn = 0;

  constructor(options: ResponderOptions) {
    this.#options = options;
    this.#cache = new AnswerCache(options.cacheBytes ?? CACHE_BYTES);
  }

  /**
   * Answers one message: at once where nobody has to be asked. The message is not kept beyond the call. The way of a
   * known question allocates nothing but the answer itself: the socket costs ten times as much as all of this.
   */
  respond(message: Buffer, transport: Transport): Response | Promise<Response> {
    const { now, directory, statistics } = this.#options;
    const start = now();
    const reader = this.#reader;
    const reading = reader.read(message);
    if (reading !== 'question') return this.#unread(reading, message, transport);
    if (reader.class !== CLASS_IN || reader.type === TYPE.AXFR || reader.type === TYPE.IXFR) {
      return this.#refuse(message, transport);
    }
    const key = this.#keyOf(message, transport);
    const known = this.#cache.get(key);
    if (known !== undefined && start < known.until) {
      const holds =
        known.rests === undefined ? known.generation === directory.generation : directory.holds(known.rests);
      if (holds && fits(known, this.#limit(transport))) {
        known.count.total += 1;
        known.count.cached += 1;
        const answer = this.#patched(nextVariant(known), message);
        statistics.took((now() - start) / 1000);
        return answer;
      }
    }
    return this.#find(message, key, transport, start);
  }

  #find(message: Buffer, key: string, transport: Transport, start: number): Response | Promise<Response> {
    const { lookup, resolver } = this.#options;
    const { type, flags, dnssecOk } = this.#reader;
    const asked = this.#asked(message);
    const limit = this.#limit(transport);
    const name = asked.message.subarray(HEADER_BYTES, asked.nameEnd);
    const outcome = lookup.find(name, type, transport === 'tcp');
    const finish: Finish = { asked, key, limit, type, transport, start };
    if (outcome.kind === 'answered') return this.#keep(finish, ownReply(outcome, resolver), outcome);
    if (outcome.kind === 'unsynced') return this.#send(finish, NOT_READY, outcome.zone);
    if (resolver === undefined) return this.#keep(finish, NOT_OURS, outcome);
    const question: ForwardQuestion = {
      name: outcome.kind === 'chase' ? outcome.target : name,
      type,
      class: CLASS_IN,
      dnssecOk,
      checkingDisabled: (flags & FLAG.CD) !== 0,
    };
    const cached = resolver.cached(question);
    if (cached !== undefined) return this.#keep(finish, forwardedReply(cached, outcome), outcome);
    return resolver
      .resolve(question)
      .catch(() => FAILED)
      .then(answer => this.#send(finish, forwardedReply(answer, outcome), zoneOf(outcome)));
  }

  /** Encodes, counts, and keeps it for the next one who asks the same. */
  #keep(finish: Finish, reply: Reply, outcome: Outcome): Buffer {
    const { asked, key, limit, type, transport, start } = finish;
    const { statistics, directory, now } = this.#options;
    const count = statistics.of(zoneOf(outcome), type, reply.rcode, transport);
    const own = outcome.kind === 'answered';
    const ingredients = {
      generation: directory.generation,
      rests: own ? outcome.rests : undefined,
      until: own ? Number.POSITIVE_INFINITY : start + FORWARDED_MS,
      limit,
      count,
    };
    const entry = cacheable(ingredients, asked, reply, own ? this.#turn++ : undefined);
    this.#cache.set(key, entry);
    count.total += 1;
    statistics.took((now() - start) / 1000);
    return Buffer.from(entry.bytes);
  }

  #send({ asked, limit, type, transport, start }: Finish, reply: Reply, zone: string): Buffer {
    const { statistics, now } = this.#options;
    statistics.of(zone, type, reply.rcode, transport).total += 1;
    const { bytes } = encodeReply(asked, reply, limit);
    statistics.took((now() - start) / 1000);
    return bytes;
  }

  /** What is no question that could be looked up. */
  #unread(reading: Exclude<Reading, 'question'>, message: Buffer, transport: Transport): Response {
    const { statistics } = this.#options;
    if (reading === 'drop') {
      statistics.dropped.malformed += 1;
      return undefined;
    }
    const reply = { ...EMPTY, rcode: RCODE[reading], recursion: this.#options.resolver !== undefined };
    statistics.of('.', 0, reply.rcode, transport).total += 1;
    return encodeReply(this.#asked(message), reply, this.#limit(transport)).bytes;
  }

  #refuse(message: Buffer, transport: Transport): Response {
    this.#options.statistics.of('.', this.#reader.type, RCODE.REFUSED, transport).total += 1;
    const reply = { ...EMPTY, rcode: RCODE.REFUSED, recursion: this.#options.resolver !== undefined };
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

  /** A kept answer as this asker's own: id, RD bit and the case of the name. */
  #patched(answer: Buffer, message: Buffer): Buffer {
    const copy = Buffer.allocUnsafe(answer.length);
    answer.copy(copy);
    copy[0] = message[0] ?? 0;
    copy[1] = message[1] ?? 0;
    copy[2] = ((copy[2] ?? 0) & ~RD_BIT) | ((message[2] ?? 0) & RD_BIT);
    const { nameEnd } = this.#reader;
    for (let at = HEADER_BYTES; at < nameEnd; at++) copy[at] = message[at] ?? 0;
    return copy;
  }
}

const RD_BIT = FLAG.RD >> 8;

interface Finish {
  readonly asked: Asked;
  readonly key: string;
  readonly limit: number;
  readonly type: number;
  readonly transport: Transport;
  readonly start: number;
}

const EMPTY: Reply = {
  rcode: RCODE.NOERROR,
  authoritative: false,
  recursion: false,
  authenticated: false,
  answers: [],
  authorities: [],
  additionals: [],
};
/** Extended DNS Errors: RFC 8914, 4.15 and 4.21. */
const NOT_READY: Reply = {
  ...EMPTY,
  rcode: RCODE.SERVFAIL,
  extendedError: { code: 14, text: 'the Services have not been read yet' },
};
const NOT_OURS: Reply = {
  ...EMPTY,
  rcode: RCODE.REFUSED,
  extendedError: { code: 20, text: 'no name of this server, and it asks no other' },
};
const FAILED: ForwardedAnswer = {
  rcode: RCODE.SERVFAIL,
  authenticated: false,
  answers: [],
  authorities: [],
  additionals: [],
};

function ownReply(outcome: Answered, resolver: Resolver | undefined): Reply {
  const { rcode, answers, authorities, additionals } = outcome;
  const recursion = resolver !== undefined;
  return { rcode, authoritative: true, recursion, authenticated: false, answers, authorities, additionals };
}

/** What others answered; behind an alias of ours, what they say of its target. */
function forwardedReply(answer: ForwardedAnswer, outcome: Outcome): Reply {
  if (outcome.kind !== 'chase') return { ...answer, authoritative: false, recursion: true };
  const base = { ...EMPTY, authoritative: true, recursion: true };
  const { rcode, answers, authorities } = answer;
  // Without an answer from there the alias is still true, and says more than a failure.
  if (rcode === RCODE.NOERROR) return { ...base, answers: [...outcome.aliases, ...answers] };
  // The code is that of the last name of the chain (RFC 2308, 2.1).
  if (rcode === RCODE.NXDOMAIN) return { ...base, rcode, answers: [...outcome.aliases, ...answers], authorities };
  return { ...base, answers: outcome.aliases };
}

/** Names that are nobody's here are counted as the root's. */
function zoneOf(outcome: Outcome): string {
  return outcome.kind === 'outside' ? '.' : outcome.zone;
}
