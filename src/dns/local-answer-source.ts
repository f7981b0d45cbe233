import type { ObjectKey } from '../kube/objects.ts';
import { type CachedAnswer, cacheable } from './answer-cache.ts';
import type { AnswerSource, Found, Question } from './answer-source.ts';
import type { Directory } from './directory/directory.ts';
import type { Mark } from './directory/epochs.ts';
import type { Answered, Lookup, Outcome } from './lookup.ts';
import type { ForwardedAnswer, ForwardQuestion, Resolver } from './resolver.ts';
import type { DnsStatistics } from './statistics.ts';
import { EMPTY_REPLY, type Reply } from './wire/message.ts';
import { CLASS_IN, FLAG, HEADER_BYTES, RCODE } from './wire/numbers.ts';
import { type Section, ttlOffsets } from './wire/records.ts';

export interface LocalAnswerSourceOptions {
  readonly directory: Directory;
  readonly lookup: Lookup;
  /** Who is asked for what is not ours; undefined: nobody. */
  readonly resolver: Resolver | undefined;
  readonly statistics: DnsStatistics;
}

/** What the resolver comes to know meanwhile is not missed for longer. */
const LONGEST_FORWARDED_MS = 10_000;
/** Without a TTL of their own: failures, and what is given for want of a fresh answer. */
const FORWARDED_MS = 1000;

/** Answers from the directory, and from the resolver for names that are not ours. */
export class LocalAnswerSource implements AnswerSource {
  readonly recursion: boolean;
  readonly #options: LocalAnswerSourceOptions;
  #turn = 0;

  constructor(options: LocalAnswerSourceOptions) {
    this.#options = options;
    this.recursion = options.resolver !== undefined;
  }

  find(question: Question): Found | Promise<Found> {
    const { lookup, resolver, directory } = this.#options;
    const { asked, type, transport } = question;
    const name = asked.message.subarray(HEADER_BYTES, asked.nameEnd);
    const outcome = lookup.find(name, type, transport === 'tcp');
    const mark = directory.epochs.mark(restsOn(outcome));
    const give = (reply: Reply, keep: boolean) => this.#found(question, outcome, mark, reply, keep);
    if (outcome.kind === 'answered') return give(ownReply(outcome, this.recursion), true);
    if (outcome.kind === 'unsynced') return give(NOT_READY, false);
    if (resolver === undefined) return give(NOT_OURS, true);
    const forward: ForwardQuestion = {
      name: outcome.kind === 'chase' ? outcome.target : name,
      type,
      class: CLASS_IN,
      dnssecOk: asked.dnssecOk,
      checkingDisabled: (asked.flags & FLAG.CD) !== 0,
    };
    const cached = resolver.cached(forward);
    if (cached !== undefined) return give(forwardedReply(cached, outcome), true);
    return resolver
      .resolve(forward)
      .catch(() => FAILED)
      .then(answer => give(forwardedReply(answer, outcome), false));
  }

  #found(question: Question, outcome: Outcome, mark: Mark, reply: Reply, keep: boolean): Found {
    const { asked, type, transport, limit, start } = question;
    const count = this.#options.statistics.of(zoneOf(outcome), type, reply.rcode, transport);
    const own = outcome.kind === 'answered';
    const until = own ? Number.POSITIVE_INFINITY : start + FORWARDED_MS;
    const made = { mark, until, limit, count, ages: undefined };
    const answer = cacheable(made, asked, reply, own ? this.#turn++ : undefined);
    const ages = keep && !own && reply.extendedError === undefined;
    return { answer: ages ? ageing(answer, start) : answer, keep };
  }
}

/** An answer whose TTLs count down, kept as long as the shortest of them. */
function ageing(answer: CachedAnswer, since: number): CachedAnswer {
  const offsets = ttlOffsets(answer.bytes);
  if (offsets.length === 0) return answer;
  const shortest = Math.min(...offsets.map(at => answer.bytes.readUInt32BE(at)));
  return { ...answer, until: since + Math.min(LONGEST_FORWARDED_MS, shortest * 1000), ages: { since, offsets } };
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
  extendedError: { code: 20, text: 'no name of this server, and it asks no other' },
};
const FAILED: ForwardedAnswer = { rcode: RCODE.SERVFAIL, authenticated: false, message: undefined };

function ownReply({ rcode, answers, authorities, additionals }: Answered, recursion: boolean): Reply {
  return { rcode, authoritative: true, recursion, authenticated: false, answers, authorities, additionals };
}

/** What others answered; behind an alias of ours, what they say of its target. */
function forwardedReply({ rcode, authenticated, message, extendedError }: ForwardedAnswer, outcome: Outcome): Reply {
  const passedOn = (sections: readonly Section[]) => (message === undefined ? {} : { passedOn: { message, sections } });
  if (outcome.kind !== 'chase') {
    const error = extendedError === undefined ? {} : { extendedError };
    const records = passedOn(['answer', 'authority', 'additional']);
    return { ...EMPTY_REPLY, rcode, authenticated, recursion: true, ...error, ...records };
  }
  const base = { ...EMPTY_REPLY, authoritative: true, recursion: true, answers: outcome.aliases };
  // Without an answer from there the alias is still true, and says more than a failure.
  if (rcode === RCODE.NOERROR) return { ...base, ...passedOn(['answer']) };
  // The code is that of the last name of the chain (RFC 2308, 2.1).
  if (rcode === RCODE.NXDOMAIN) return { ...base, rcode, ...passedOn(['answer', 'authority']) };
  return base;
}

/** What has to change before another answer could be due. */
function restsOn(outcome: Outcome): ObjectKey | 'everything' | 'nothing' {
  if (outcome.kind === 'answered') return outcome.rests?.key ?? 'everything';
  return outcome.kind === 'outside' && outcome.always ? 'nothing' : 'everything';
}

/** Names that are nobody's here are counted as the root's. */
function zoneOf(outcome: Outcome): string {
  return outcome.kind === 'outside' ? '.' : outcome.zone;
}
