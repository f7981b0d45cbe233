import type { Answer, SoaAnswer } from 'dns-packet';
import type { ForwardedAnswer } from '../resolver.ts';

/** How long answers are kept, in seconds. */
export interface Lifetimes {
  /** Smaller TTLs are raised to this, larger ones cut to `largest`. */
  readonly smallest: number;
  readonly largest: number;
  /** At most so long for names and types that do not exist. */
  readonly negative: number;
  readonly failure: number;
}

export const RCODE = { noError: 0, formErr: 1, servFail: 2, nxDomain: 3, notImp: 4, refused: 5, badVers: 16 } as const;

/** What is kept: TTLs within their limits, and how many seconds the whole of it stays good. */
export interface Keepable {
  readonly answer: ForwardedAnswer;
  readonly seconds: number;
}

/** @returns undefined for what is not to be kept */
export function keepable(answer: ForwardedAnswer, type: number, limits: Lifetimes): Keepable | undefined {
  if (answer.rcode === RCODE.servFail) return limits.failure > 0 ? { answer, seconds: limits.failure } : undefined;
  if (answer.rcode !== RCODE.noError && answer.rcode !== RCODE.nxDomain) return undefined;
  const bounded = mapTtls(answer, ttl => Math.min(Math.max(ttl, limits.smallest), limits.largest));
  const ttls = recordsOf(bounded).map(ttlOf);
  let seconds = ttls.length === 0 ? 0 : Math.min(...ttls);
  if (isNegative(answer, type)) {
    const soa = answer.authorities.find(record => record.type === 'SOA');
    // Without an SOA nobody says how long; a referral, which has none, is no answer at all (RFC 2308, 5).
    if (soa === undefined) return undefined;
    seconds = Math.min(seconds, soa.data.minimum ?? 0, limits.negative);
    // The SOA's own TTL is what clients keep the answer for (RFC 2308, 5).
    const cut = (record: Answer) => (record.type === 'SOA' ? withTtl(record, seconds) : record);
    return seconds > 0 ? { answer: { ...bounded, authorities: bounded.authorities.map(cut) }, seconds } : undefined;
  }
  return seconds > 0 ? { answer: bounded, seconds } : undefined;
}

/** The answer as it is `elapsed` seconds later. */
export function countedDown(answer: ForwardedAnswer, elapsed: number): ForwardedAnswer {
  return elapsed === 0 ? answer : mapTtls(answer, ttl => Math.max(0, ttl - elapsed));
}

/** The answer with one TTL for all. */
export function withTtls(answer: ForwardedAnswer, seconds: number): ForwardedAnswer {
  return mapTtls(answer, () => seconds);
}

const TYPE_CNAME = 5;
const TYPE_ANY = 255;

/** NXDOMAIN, or no record of the type that was asked for: at most the aliases that led there. */
function isNegative(answer: ForwardedAnswer, type: number): boolean {
  if (answer.rcode === RCODE.nxDomain) return true;
  if (type === TYPE_CNAME || type === TYPE_ANY) return answer.answers.length === 0;
  return (
    answer.answers.every(record => record.type === 'CNAME' || record.type === 'DNAME' || record.type === 'RRSIG') &&
    !CHAIN_TYPES.has(type)
  );
}

/** A question for one of these is answered by what elsewhere only leads to the answer: DNAME, RRSIG. */
const CHAIN_TYPES = new Set([39, 46]);

function recordsOf(answer: ForwardedAnswer): Answer[] {
  return [...answer.answers, ...answer.authorities, ...answer.additionals];
}

function mapTtls(answer: ForwardedAnswer, change: (ttl: number) => number): ForwardedAnswer {
  const each = (record: Answer) => withTtl(record, change(ttlOf(record)));
  return {
    ...answer,
    answers: answer.answers.map(each),
    authorities: answer.authorities.map(each),
    additionals: answer.additionals.map(each),
  };
}

function ttlOf(record: Answer): number {
  return record.type === 'OPT' ? 0 : (record.ttl ?? 0);
}

function withTtl<A extends Answer | SoaAnswer>(record: A, ttl: number): A {
  return record.type === 'OPT' ? record : { ...record, ttl };
}
