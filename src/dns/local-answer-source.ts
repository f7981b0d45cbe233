import type { Answer } from 'dns-packet';
import { RCODE } from '../net/index.ts';
import { type AnswerSource, type EncodedAnswer, encodeAnswer, type Question } from './answers.ts';
import type { Directory } from './directory/directory.ts';
import type { Lookup } from './lookup.ts';
import type { ForwardedAnswer, Resolver } from './resolver.ts';
import type { DnsStatistics, Transport } from './statistics.ts';
import { EMPTY_REPLY, type Reply } from './wire/message.ts';
import { FLAG, HEADER_BYTES } from './wire/numbers.ts';
import { type Section, ttlOffsets } from './wire/records.ts';

export interface LocalAnswerSourceOptions {
  readonly directory: Directory;
  readonly lookup: Lookup;
  /** Resolves names outside our zones; undefined if `lookup` refuses them. */
  readonly resolver: Resolver | undefined;
  readonly statistics: DnsStatistics;
}

/** The longest time that a forwarded answer stays encoded, so that changes in the resolver's cache become visible. */
const MAX_FORWARDED_MS = 10_000;
/** The time for failures and stale answers, which have no TTL. */
const FAILURE_MS = 1000;
/** The time for answers that have room for a part of the addresses only. */
const TRUNCATED_MS = 1000;

/** Answers from the directory, and from the resolver for names outside our zones. */
export class LocalAnswerSource implements AnswerSource {
  readonly recursion: boolean;
  readonly #options: LocalAnswerSourceOptions;
  #rotation = 0;

  constructor(options: LocalAnswerSourceOptions) {
    this.#options = options;
    this.recursion = options.resolver !== undefined;
  }

  find({ query, type, transport, limit, start }: Question): EncodedAnswer | Promise<EncodedAnswer> {
    const { lookup, resolver, directory, statistics } = this.#options;
    const name = query.message.subarray(HEADER_BYTES, query.nameEnd);
    const result = lookup.find(name, type, transport === 'tcp');
    const mark = directory.epochs.mark(result.dependsOn);
    const encode = (reply: Reply, keep: boolean, rotation?: number): EncodedAnswer => {
      const count = statistics.of(result.zone, type, reply.rcode, transport);
      const meta = { keep, mark, until: Number.POSITIVE_INFINITY, limit, count };
      return encodeAnswer(meta, query, { ...reply, recursion: this.recursion }, rotation);
    };
    if (result.kind === 'answer') {
      const answer = encode(result.reply, result.keep, this.#rotation++);
      // The same addresses are missing for every client until the answer is encoded again.
      return answer.whole ? answer : { ...answer, until: start + TRUNCATED_MS };
    }
    const forwarded = (upstream: ForwardedAnswer, keep: boolean): EncodedAnswer => {
      const answer = encode(forwardedReply(upstream, result.aliases, transport), keep);
      return upstream.extendedError === undefined
        ? withTtlInfo(answer, start)
        : { ...answer, until: start + FAILURE_MS };
    };
    if (resolver === undefined) return forwarded(FAILED, false);
    const { dnssecOk, flags } = query;
    const question = { name: result.name, type, dnssecOk, checkingDisabled: (flags & FLAG.CD) !== 0 };
    const cached = resolver.cached(question);
    if (cached !== undefined) return forwarded(cached, true);
    return resolver
      .resolve(question)
      .catch(() => FAILED)
      .then(answer => forwarded(answer, false));
  }
}

/** Makes the TTLs of an answer count down, and keeps it as long as the shortest of them. */
function withTtlInfo(answer: EncodedAnswer, since: number): EncodedAnswer {
  const offsets = ttlOffsets(answer.bytes);
  if (offsets.length === 0) return { ...answer, until: since + FAILURE_MS };
  const shortest = Math.min(...offsets.map(at => answer.bytes.readUInt32BE(at)));
  return { ...answer, until: since + Math.min(MAX_FORWARDED_MS, shortest * 1000), ttlInfo: { since, offsets } };
}

/** RFC 8914, 4.24. */
const TOO_LARGE: Reply = {
  ...EMPTY_REPLY,
  rcode: RCODE.SERVFAIL,
  extendedError: { code: 23, text: 'the answer is too large for UDP, and no upstream server responds over TCP' },
};
const FAILED: ForwardedAnswer = { rcode: RCODE.SERVFAIL, authenticated: false, message: undefined };

/** The upstream's response, after the CNAME records that lead to its question. */
function forwardedReply(answer: ForwardedAnswer, aliases: readonly Answer[], transport: Transport): Reply {
  const { rcode, authenticated, message, truncated = false, extendedError } = answer;
  // Over TCP there is no larger answer to ask for.
  const tooLarge = truncated && transport === 'tcp';
  const passedOn = (sections: readonly Section[]) =>
    message === undefined ? {} : { passedOn: { message, sections }, truncated };
  if (aliases.length === 0) {
    if (tooLarge) return TOO_LARGE;
    const error = extendedError === undefined ? {} : { extendedError };
    return { ...EMPTY_REPLY, rcode, authenticated, ...error, ...passedOn(['answer', 'authority', 'additional']) };
  }
  const base = { ...EMPTY_REPLY, authoritative: true, answers: aliases };
  if (rcode === RCODE.NOERROR && !tooLarge) return { ...base, ...passedOn(['answer']) };
  // The response code is that of the last name of the chain (RFC 2308, 2.1).
  if (rcode === RCODE.NXDOMAIN && !tooLarge) return { ...base, rcode, ...passedOn(['answer', 'authority']) };
  // The CNAME records are true even if the upstream fails.
  return base;
}
