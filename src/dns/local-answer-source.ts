import type { ObjectKey } from '../kube/index.ts';
import { RCODE } from '../net/index.ts';
import { type AnswerSource, type CachedAnswer, encodeAnswer, type Found, type Question } from './answers.ts';
import type { Directory } from './directory/directory.ts';
import type { Mark } from './directory/epochs.ts';
import type { Lookup, LookupResult } from './lookup.ts';
import type { ForwardedAnswer, ForwardQuestion, Resolver } from './resolver.ts';
import type { DnsStatistics, Transport } from './statistics.ts';
import { EMPTY_REPLY, type Reply } from './wire/message.ts';
import { CLASS_IN, FLAG, HEADER_BYTES } from './wire/numbers.ts';
import { type Section, ttlOffsets } from './wire/records.ts';

export interface LocalAnswerSourceOptions {
  readonly directory: Directory;
  readonly lookup: Lookup;
  /** Resolves names outside our zones; undefined refuses them. */
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

  find(question: Question): Found | Promise<Found> {
    const { lookup, resolver, directory } = this.#options;
    const { query, type, transport } = question;
    const name = query.message.subarray(HEADER_BYTES, query.nameEnd);
    const result = lookup.find(name, type, transport === 'tcp');
    const mark = directory.epochs.mark(dependencyOf(result));
    const found = (reply: Reply, keep: boolean) => this.#found(question, result, mark, reply, keep);
    if (result.kind === 'answer') return found({ ...EMPTY_REPLY, ...result.reply, recursion: this.recursion }, true);
    if (result.kind === 'unsynced') return found(NOT_READY, false);
    if (resolver === undefined) return found(NOT_OURS, true);
    const forward: ForwardQuestion = {
      name: result.kind === 'chase' ? result.target : name,
      type,
      class: CLASS_IN,
      dnssecOk: query.dnssecOk,
      checkingDisabled: (query.flags & FLAG.CD) !== 0,
    };
    const cached = resolver.cached(forward);
    if (cached !== undefined) return found(forwardedReply(cached, result, transport), true);
    return resolver
      .resolve(forward)
      .catch(() => FAILED)
      .then(answer => found(forwardedReply(answer, result, transport), false));
  }

  #found(question: Question, result: LookupResult, mark: Mark, reply: Reply, keep: boolean): Found {
    const { query, type, transport, limit, start } = question;
    const zone = result.kind === 'outside' ? '.' : result.zone;
    const count = this.#options.statistics.of(zone, type, reply.rcode, transport);
    const own = result.kind === 'answer';
    const meta = { mark, until: own ? Number.POSITIVE_INFINITY : start + FAILURE_MS, limit, count };
    const answer = encodeAnswer(meta, query, reply, own ? this.#rotation++ : undefined);
    // The same addresses are missing for every client until the answer is encoded again.
    if (own && !answer.whole) return { answer: { ...answer, until: start + TRUNCATED_MS }, keep };
    const countsDown = keep && !own && reply.extendedError === undefined;
    return { answer: countsDown ? withTtlInfo(answer, start) : answer, keep };
  }
}

/** Makes the TTLs of an answer count down, and keeps it as long as the shortest of them. */
function withTtlInfo(answer: CachedAnswer, since: number): CachedAnswer {
  const offsets = ttlOffsets(answer.bytes);
  if (offsets.length === 0) return answer;
  const shortest = Math.min(...offsets.map(at => answer.bytes.readUInt32BE(at)));
  return { ...answer, until: since + Math.min(MAX_FORWARDED_MS, shortest * 1000), ttlInfo: { since, offsets } };
}

/** Extended DNS Errors: RFC 8914, 4.15 and 4.21. */
const NOT_READY: Reply = {
  ...EMPTY_REPLY,
  rcode: RCODE.SERVFAIL,
  extendedError: { code: 14, text: 'the Services have not been read yet' },
};
const NOT_OURS: Reply = {
  ...EMPTY_REPLY,
  rcode: RCODE.REFUSED,
  extendedError: { code: 20, text: 'the name is outside the zones of this server, which does not forward' },
};
/** RFC 8914, 4.24. */
const TOO_LARGE: Reply = {
  ...EMPTY_REPLY,
  rcode: RCODE.SERVFAIL,
  extendedError: { code: 23, text: 'the answer is too large for UDP, and no upstream server responds over TCP' },
};
const FAILED: ForwardedAnswer = { rcode: RCODE.SERVFAIL, authenticated: false, message: undefined };

/** The upstream's response, after the CNAME records that lead to its question. */
function forwardedReply(answer: ForwardedAnswer, result: LookupResult, transport: Transport): Reply {
  const { rcode, authenticated, message, truncated = false, extendedError } = answer;
  const passedOn = (sections: readonly Section[]) =>
    message === undefined ? {} : { passedOn: { message, sections }, truncated };
  if (result.kind !== 'chase') {
    // Over TCP there is no larger answer to ask for.
    if (truncated && transport === 'tcp') return { ...TOO_LARGE, recursion: true };
    const error = extendedError === undefined ? {} : { extendedError };
    const records = passedOn(['answer', 'authority', 'additional']);
    return { ...EMPTY_REPLY, rcode, authenticated, recursion: true, ...error, ...records };
  }
  const base = { ...EMPTY_REPLY, authoritative: true, recursion: true, answers: result.aliases };
  if (truncated && transport === 'tcp') return base;
  if (rcode === RCODE.NOERROR) return { ...base, ...passedOn(['answer']) };
  // The response code is that of the last name of the chain (RFC 2308, 2.1).
  if (rcode === RCODE.NXDOMAIN) return { ...base, rcode, ...passedOn(['answer', 'authority']) };
  // The CNAME records are true even if the upstream fails.
  return base;
}

/** What must change before the answer can change. */
function dependencyOf(result: LookupResult): ObjectKey | 'everything' | 'nothing' {
  if (result.kind === 'answer') return result.service ?? 'everything';
  return result.kind === 'outside' && result.always ? 'nothing' : 'everything';
}
