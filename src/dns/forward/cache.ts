import { BoundedCache } from '../bounded-cache.ts';
import { labelsOf, textOf } from '../names/name.ts';
import type { ForwardedAnswer, ForwardQuestion } from '../resolver.ts';
import { RCODE } from '../wire/numbers.ts';
import { withTtls } from './lifetime.ts';
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
