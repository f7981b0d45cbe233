import { RCODE } from '../../net/index.ts';
import { BoundedCache, ownCopy } from '../bounded-cache.ts';
import { labelsOf, textOf } from '../names/name.ts';
import type { ForwardedAnswer, ForwardQuestion } from '../resolver.ts';
import { TYPE } from '../wire/numbers.ts';
import { type RecordPlace, readRecords, ttlOffsets } from '../wire/records.ts';
import type { Clock, ResolvedOptions } from './options.ts';

/** How long an answer is cached at most if the name or type does not exist. */
const MAX_NEGATIVE_SECONDS = 60;
const FAILURE_SECONDS = 5;
/** Failures of our own are cached, so that many clients do not wait for the same one (RFC 9520, 3.2). */
const OWN_FAILURE_SECONDS = 1;
/** How long an expired answer is kept for the time when no upstream responds, and its TTL then (RFC 8767, 4). */
const STALE_MS = 3600 * 1000;
const STALE_TTL_SECONDS = 30;
/** How long an expired answer serves before upstreams are queried again. */
const STALE_RETRY_MS = 5000;
/** An estimate of the memory of an entry beside its message and its key. */
const ENTRY_BYTES = 450;
/** Extended DNS Errors for a stale answer and a stale NXDOMAIN (RFC 8914, 4.4 and 4.20). */
const EDE_STALE = 3;
const EDE_STALE_NXDOMAIN = 19;

interface Entry {
  readonly answer: ForwardedAnswer;
  /** Milliseconds on the clock. */
  readonly since: number;
  readonly until: number;
  /** Until then, the expired answer serves without another query to upstreams. */
  staleUntil: number;
}

/** Questions with the same key have the same answer: name without case, type and the two DNSSEC bits. */
export function cacheKey(question: ForwardQuestion): string {
  const bits = (question.dnssecOk ? 1 : 0) | (question.checkingDisabled ? 2 : 0);
  return `${question.type} ${bits} ${textOf(labelsOf(question.name))}`;
}

/** Caches the answers of upstream servers, also beyond their TTL. */
export class ForwardCache {
  readonly #clock: Clock;
  readonly #entries: BoundedCache<string, Entry>;

  constructor({ cacheEntries, cacheBytes, clock }: ResolvedOptions) {
    this.#clock = clock;
    this.#entries = new BoundedCache({
      maxEntries: cacheEntries,
      maxSize: cacheBytes,
      sizeOf: (key, { answer }) => ENTRY_BYTES + key.length + (answer.message?.length ?? 0),
    });
  }

  get size(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.#entries.entries, bytes: this.#entries.size };
  }

  /** @returns an answer with TTLs as of now, or an expired one while upstreams are not queried again */
  get(key: string): ForwardedAnswer | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const now = this.#clock.now();
    if (now >= entry.until) return now < entry.staleUntil ? this.#stale(entry, now) : undefined;
    const elapsed = Math.floor((now - entry.since) / 1000);
    return elapsed === 0 ? entry.answer : withTtls(entry.answer, ttl => Math.max(0, ttl - elapsed));
  }

  /** Call when no upstream responds. @returns an expired answer, which `get` then returns for some seconds */
  getStale(key: string): ForwardedAnswer | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const now = this.#clock.now();
    entry.staleUntil = now + STALE_RETRY_MS;
    return this.#stale(entry, now);
  }

  /** Caches an answer unless it must not be. @returns the answer with the TTL that it is cached for */
  put(key: string, type: number, answer: ForwardedAnswer): ForwardedAnswer {
    const { answer: limited, seconds } = lifetimeOf(answer, type);
    const since = this.#clock.now();
    const entry = { answer: limited, since, until: since + seconds * 1000, staleUntil: 0 };
    if (seconds > 0) this.#entries.set(key, entry);
    return limited;
  }

  #stale({ answer, until }: Entry, now: number): ForwardedAnswer | undefined {
    if (isFailure(answer) || now >= until + STALE_MS) return undefined;
    const code = answer.rcode === RCODE.NXDOMAIN ? EDE_STALE_NXDOMAIN : EDE_STALE;
    const text = 'no upstream server responds; this is an earlier answer';
    return { ...withTtls(answer, () => STALE_TTL_SECONDS), extendedError: { code, text } };
  }
}

/** Whether upstreams have to be queried again for the content of an answer. */
export function isFailure({ rcode, truncated }: ForwardedAnswer): boolean {
  return rcode === RCODE.SERVFAIL || truncated === true;
}

/** @returns the number of seconds to cache an answer, 0 for not at all, and the answer with that TTL in its SOA */
function lifetimeOf(
  answer: ForwardedAnswer,
  type: number,
): { readonly answer: ForwardedAnswer; readonly seconds: number } {
  const { rcode, message, truncated } = answer;
  if (message === undefined || truncated === true) return { answer, seconds: OWN_FAILURE_SECONDS };
  if (rcode === RCODE.SERVFAIL) return { answer, seconds: FAILURE_SECONDS };
  if (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN) return { answer, seconds: 0 };
  const records = readRecords(message);
  if (records.length === 0) return { answer, seconds: 0 };
  const shortest = Math.min(...records.map(({ ttlAt }) => message.readUInt32BE(ttlAt)));
  if (!isNegative(rcode, records, type)) return { answer, seconds: shortest };
  const soa = records.find(record => record.section === 'authority' && record.type === TYPE.SOA);
  // Without an SOA there is no lifetime; a referral, which has none, is not an answer (RFC 2308, 5).
  if (soa === undefined) return { answer, seconds: 0 };
  // The last field of SOA data is the negative TTL.
  const seconds = Math.min(shortest, message.readUInt32BE(soa.end - 4), MAX_NEGATIVE_SECONDS);
  // Clients cache the answer for the TTL of the SOA record (RFC 2308, 5).
  const limited = ownCopy(message);
  limited.writeUInt32BE(seconds, soa.ttlAt);
  return { answer: { ...answer, message: limited }, seconds };
}

function withTtls(answer: ForwardedAnswer, change: (ttl: number) => number): ForwardedAnswer {
  if (answer.message === undefined) return answer;
  const message = Buffer.from(answer.message);
  for (const at of ttlOffsets(message)) message.writeUInt32BE(change(message.readUInt32BE(at)), at);
  return { ...answer, message };
}

const TYPE_DNAME = 39;
const TYPE_RRSIG = 46;
const CHAIN_TYPES: ReadonlySet<number> = new Set([TYPE.CNAME, TYPE_DNAME, TYPE_RRSIG]);

/** Whether an answer is NXDOMAIN or has no record of the type, except for CNAMEs that lead to the name. */
function isNegative(rcode: number, records: readonly RecordPlace[], type: number): boolean {
  if (rcode === RCODE.NXDOMAIN) return true;
  const answers = records.filter(record => record.section === 'answer');
  // In answers to these types such records are the answer itself.
  if (CHAIN_TYPES.has(type)) return !answers.some(record => record.type === type);
  return type === TYPE.ANY ? answers.length === 0 : answers.every(record => CHAIN_TYPES.has(record.type));
}
