import { BoundedCache } from '../bounded-cache.ts';
import { labelsOf, textOf } from '../names/name.ts';
import type { ForwardedAnswer, ForwardQuestion } from '../resolver.ts';
import { RCODE, TYPE } from '../wire/numbers.ts';
import { ownCopy } from '../wire/own-copy.ts';
import { type RecordPlace, readRecords, ttlOffsets } from '../wire/records.ts';
import type { Clock } from './options.ts';

export interface CacheLimits {
  readonly entries: number;
  /** A reckoning, not a measurement: bytes on the wire and something for each entry. */
  readonly bytes: number;
  /** How long an answer may serve beyond its time when nobody can be asked (RFC 8767); 0: not at all. */
  readonly staleSeconds: number;
}

/** TTL of what has outlived its own (RFC 8767, 4). */
const STALE_TTL_SECONDS = 30;
/** What an entry costs beside its message and its key. */
const ENTRY_BYTES = 450;
/** Extended DNS errors: a stale answer, and a stale NXDOMAIN (RFC 8914, 4.4 and 4.20). */
const EDE_STALE = 3;
const EDE_STALE_NXDOMAIN = 19;

interface Entry {
  readonly answer: ForwardedAnswer;
  /** Milliseconds of the clock. */
  readonly since: number;
  readonly until: number;
  /** After a try in vain: until when it serves stale without another try. */
  staleUntil: number;
}

/** Which answers serve a question: its name without case, type, class and the two DNSSEC bits. */
export function cacheKey(question: ForwardQuestion): string {
  const bits = (question.dnssecOk ? 1 : 0) | (question.checkingDisabled ? 2 : 0);
  return `${question.type} ${question.class} ${bits} ${textOf(labelsOf(question.name))}`;
}

/** Answers of upstream servers by question, within their time and beyond it. */
export class ForwardCache {
  readonly #staleMs: number;
  readonly #clock: Clock;
  readonly #entries: BoundedCache<string, Entry>;

  constructor({ entries, bytes, staleSeconds }: CacheLimits, clock: Clock) {
    this.#staleMs = staleSeconds * 1000;
    this.#clock = clock;
    this.#entries = new BoundedCache({
      maxEntries: entries,
      maxSize: bytes,
      sizeOf: (key, { answer }) => ENTRY_BYTES + key.length + (answer.message?.length ?? 0),
    });
  }

  get size(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.#entries.entries, bytes: this.#entries.size };
  }

  /** An answer within its time, TTLs counted down; or a stale one while a new try would be in vain. */
  get(key: string): ForwardedAnswer | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const now = this.#clock.now();
    if (now >= entry.until) return now < entry.staleUntil ? this.#stale(entry, now) : undefined;
    const elapsed = Math.floor((now - entry.since) / 1000);
    return elapsed === 0 ? entry.answer : withTtls(entry.answer, ttl => Math.max(0, ttl - elapsed));
  }

  /** What there was, when nobody can be asked; it goes on serving for `retryMs` without asking. */
  getStale(key: string, retryMs: number): ForwardedAnswer | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const now = this.#clock.now();
    entry.staleUntil = now + retryMs;
    return this.#stale(entry, now);
  }

  put(key: string, answer: ForwardedAnswer, seconds: number): void {
    const since = this.#clock.now();
    this.#entries.set(key, { answer, since, until: since + seconds * 1000, staleUntil: 0 });
  }

  #stale({ answer, until }: Entry, now: number): ForwardedAnswer | undefined {
    if (answer.rcode === RCODE.SERVFAIL || now >= until + this.#staleMs) return undefined;
    const code = answer.rcode === RCODE.NXDOMAIN ? EDE_STALE_NXDOMAIN : EDE_STALE;
    const text = 'no upstream server answers; this is an earlier answer';
    return { ...withTtls(answer, () => STALE_TTL_SECONDS), extendedError: { code, text } };
  }
}

/** How long answers are kept, in seconds. */
export interface Lifetimes {
  /** Smaller TTLs are raised to this, larger ones cut to `largest`. */
  readonly minTtl: number;
  readonly maxTtl: number;
  /** At most so long for names and types that do not exist. */
  readonly negative: number;
  readonly failure: number;
}

/** What is kept: TTLs within their limits, and how many seconds the whole of it stays good. */
interface Keepable {
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
    const ttl = Math.min(Math.max(message.readUInt32BE(ttlAt), limits.minTtl), limits.maxTtl);
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
function withTtls(answer: ForwardedAnswer, change: (ttl: number) => number): ForwardedAnswer {
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
