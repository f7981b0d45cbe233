import type { ForwardedAnswer } from '../resolver.ts';
import { RCODE, TYPE } from '../wire/numbers.ts';
import { ownCopy } from '../wire/own-copy.ts';
import { type RecordPlace, readRecords, ttlOffsets } from '../wire/records.ts';

/** How long answers are kept, in seconds. */
export interface Lifetimes {
  /** Smaller TTLs are raised to this, larger ones cut to `largest`. */
  readonly smallest: number;
  readonly largest: number;
  /** At most so long for names and types that do not exist. */
  readonly negative: number;
  readonly failure: number;
}

/** What is kept: TTLs within their limits, and how many seconds the whole of it stays good. */
export interface Keepable {
  readonly answer: ForwardedAnswer;
  readonly seconds: number;
}

/** @returns undefined for what is not to be kept */
export function keepable(answer: ForwardedAnswer, type: number, limits: Lifetimes): Keepable | undefined {
  const { rcode, message } = answer;
  if (rcode === RCODE.SERVFAIL) return limits.failure > 0 ? { answer, seconds: limits.failure } : undefined;
  if ((rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN) || message === undefined) return undefined;
  const records = readRecords(message);
  const bounded = ownCopy(message);
  let seconds = records.length === 0 ? 0 : Number.POSITIVE_INFINITY;
  for (const { ttlAt } of records) {
    const ttl = Math.min(Math.max(message.readUInt32BE(ttlAt), limits.smallest), limits.largest);
    bounded.writeUInt32BE(ttl, ttlAt);
    seconds = Math.min(seconds, ttl);
  }
  if (isNegative(rcode, records, type)) {
    const soa = records.find(record => record.section === 'authority' && record.type === TYPE.SOA);
    // Without an SOA nobody says how long; a referral, which has none, is no answer at all (RFC 2308, 5).
    if (soa === undefined) return undefined;
    // The last field of its data is the time for negative answers.
    seconds = Math.min(seconds, message.readUInt32BE(soa.end - 4), limits.negative);
    // The SOA's own TTL is what clients keep the answer for (RFC 2308, 5).
    bounded.writeUInt32BE(seconds, soa.ttlAt);
  }
  return seconds > 0 ? { answer: { ...answer, message: bounded }, seconds } : undefined;
}

/** The answer with other TTLs. */
export function withTtls(answer: ForwardedAnswer, change: (ttl: number) => number): ForwardedAnswer {
  if (answer.message === undefined) return answer;
  const message = Buffer.from(answer.message);
  for (const at of ttlOffsets(message)) message.writeUInt32BE(change(message.readUInt32BE(at)), at);
  return { ...answer, message };
}

const TYPE_DNAME = 39;
const TYPE_RRSIG = 46;
const CHAIN_TYPES: ReadonlySet<number> = new Set([TYPE.CNAME, TYPE_DNAME, TYPE_RRSIG]);

/** NXDOMAIN, or no record of the type that was asked for: at most the aliases that led there. */
function isNegative(rcode: number, records: readonly RecordPlace[], type: number): boolean {
  if (rcode === RCODE.NXDOMAIN) return true;
  const answers = records.filter(record => record.section === 'answer');
  // Where one of these is asked for, what elsewhere only leads to the answer is the answer.
  if (CHAIN_TYPES.has(type)) return !answers.some(record => record.type === type);
  return type === TYPE.ANY ? answers.length === 0 : answers.every(record => CHAIN_TYPES.has(record.type));
}
